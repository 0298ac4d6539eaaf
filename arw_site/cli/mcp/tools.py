"""Every tool there is. What is not here cannot be asked for: nothing approves or rejects."""

from __future__ import annotations

from arw_site.cli.mcp import schemas as s
from arw_site.cli.mcp.memory_tools import MEMORY_TOOLS
from arw_site.cli.mcp.tool import Tool

_LIST = Tool(
    name="persona_list",
    title="List personas",
    description="Personas, the last changed first, one page at a time.",
    method="GET",
    place=("state", "persona"),
    query=("owner_kind", "owner_ref", "limit", "cursor"),
    input_schema=s.takes(
        owner_kind=s.OWNER_KIND,
        owner_ref=s.OWNER_REF,
        limit=s.whole("Items on a page.", 1, 500),
        cursor=s.CURSOR,
    ),
    output_schema=s.answers(("items", "next"), items=s.items(s.PERSONA), next=s.NEXT),
    read_only=True,
)
_SHOW = Tool(
    name="persona_show",
    title="Show a persona",
    description=(
        "One persona: its record and the proposals that wait for a decision; or, with `version` "
        "or `at`, the record as it was."
    ),
    method="GET",
    place=("state", "persona", "{persona_id}"),
    query=("version", "at"),
    input_schema=s.takes(
        ("persona_id",),
        persona_id=s.PERSONA_ID,
        version=s.whole("As it was at this version.", 1),
        at=s.text("As it was then: RFC 3339 such as 2027-01-31T12:00:00Z.", 40),
    ),
    output_schema=s.RECORD,
    read_only=True,
)
_PROPOSE = Tool(
    name="persona_propose",
    title="Propose a change",
    description=(
        "Asks for a change of a persona. Nothing changes until people have reviewed and approved "
        "it. A diff that does not apply or changes nothing is refused at once, with a pointer to "
        "each fault. Say in `rationale` why: the reviewers read it."
    ),
    method="POST",
    place=("admin", "persona", "{persona_id}", "proposals"),
    input_schema=s.takes(
        ("persona_id", "diff", "rationale"),
        persona_id=s.PERSONA_ID,
        diff=s.DIFF,
        rationale=s.text("Why; the reviewers read it.", minLength=1),
        telemetry_scope={"type": "object", "description": "Further opt-ins that are asked for."},
        leases_required=s.items(
            s.STRING, "Capabilities that must be held when it is applied.", maxItems=50
        ),
    ),
    output_schema=s.answers(("proposal_id",), proposal_id=s.STRING),
)
_FEEDBACK = Tool(
    name="persona_feedback",
    title="Give feedback",
    description=(
        "Says once how a persona comes across. Refused unless its record holds consent and a lease "
        "covers it. Secrets and personal data are taken out before it is kept."
    ),
    method="POST",
    place=("persona", "{persona_id}", "feedback"),
    headers={"idempotency_key": "Idempotency-Key"},
    input_schema=s.takes(
        ("persona_id", "signal"),
        persona_id=s.PERSONA_ID,
        signal=s.text("Such as warmer, cooler, faster, slower.", 64, minLength=1),
        strength=s.number("How strongly."),
        note=s.text("In your own words.", 2000),
        metadata={"type": "object", "description": "At most 8 KiB, 6 deep."},
        kind=s.text("A label for the sample.", 64),
        idempotency_key=s.KEY,
    ),
    output_schema=s.answers(("status", "count"), status={"enum": ["accepted"]}, count=s.INTEGER),
)

TOOLS: dict[str, Tool] = {
    tool.name: tool for tool in (_LIST, _SHOW, _PROPOSE, _FEEDBACK, *MEMORY_TOOLS)
}
