"""`arw-cli persona …`: reading records, their history, and what feedback says about them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli import feedback, importing, past, proposals, revising, verifying
from arw_site.cli.output import facts, indented, one_line, say, table
from arw_site.cli.past import asked_past
from arw_site.cli.session import Session, command

app = typer.Typer(rich_markup_mode=None)
PersonaId = Annotated[str, typer.Argument(metavar="ID", help="The persona's id.")]
Limit = Annotated[int | None, typer.Option("--limit", help="Items on a page.")]
All = Annotated[bool, typer.Option("--all", help="Every page, not only the first.")]


@command(app, "list")
def list_personas(
    session: Session,
    owner_kind: Annotated[
        str | None, typer.Option("--owner-kind", help="workspace, project or agent.")
    ] = None,
    owner_ref: Annotated[str | None, typer.Option("--owner-ref", help="Its identifier.")] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    """Personas, the last changed first."""
    query = {"owner_kind": owner_kind, "owner_ref": owner_ref, "limit": limit}
    answer = session.pages("state", "persona", query=query, everything=everything)
    if session.shows(answer):
        return
    table(
        ("ID", "NAME", "OWNER", "VERSION", "PENDING", "UPDATED"),
        (
            (
                item.get("id"),
                item.get("name"),
                f"{item.get('owner_kind')}:{item.get('owner_ref')}",
                item.get("version"),
                item.get("pending_proposals"),
                item.get("updated"),
            )
            for item in answer.items
        ),
        empty="no personas",
    )


@command(app, "show")
def show(
    session: Session,
    persona_id: PersonaId,
    version: Annotated[
        int | None, typer.Option("--version", metavar="N", help="As it was at this version.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="INSTANT", help="As it was then: 2027-01-31T12:00:00Z."),
    ] = None,
) -> None:
    """One persona, with the proposals that wait for a decision; or as it was in the past."""
    answer = session.api.get("state", "persona", persona_id, query=asked_past(version, at))
    if session.shows(answer):
        return
    record = answer.record
    say(
        *facts(
            (
                ("id", record.get("id")),
                ("name", record.get("name")),
                ("archetype", record.get("archetype")),
                ("owner", f"{record.get('owner_kind')}:{record.get('owner_ref')}"),
                ("version", record.get("version")),
                ("updated", record.get("updated")),
                ("telemetry", _consent(record)),
            )
        )
    )
    for field in ("traits", "preferences", "worldview", "vibe_profile", "calibration"):
        if record.get(field):
            say(field, *indented(record[field]))
    for proposal in record.get("pending_proposals") or []:
        say(
            f"pending  {one_line(proposal.get('proposal_id'))}  {one_line(proposal.get('rationale'))}"
        )


def _consent(record: dict[str, Any]) -> str:
    from personas.documents.consent import consent_of

    consent = consent_of(record)
    return f"on, scope {consent.scope}" if consent else "off"


@command(app, "history")
def history(
    session: Session, persona_id: PersonaId, limit: Limit = None, everything: All = False
) -> None:
    """What was applied to a persona, newest first."""
    answer = session.pages(
        "state", "persona", persona_id, "history", query={"limit": limit}, everything=everything
    )
    if session.shows(answer):
        return
    table(
        ("VERSION", "KIND", "APPLIED AT", "APPLIED BY", "CHANGES", "PROPOSAL"),
        (
            (
                item.get("version"),
                item.get("kind"),
                item.get("applied_at"),
                item.get("applied_by"),
                len(item.get("diff") or ()),
                item.get("proposal_id"),
            )
            for item in answer.items
        ),
        empty="no history",
    )


proposals.register(app)
revising.register(app)
past.register(app)
verifying.register(app)
feedback.register(app)
importing.register(app)
