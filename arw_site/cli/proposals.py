"""`arw-cli persona propose | approve | reject | proposals | proposal`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli.asked import asked_by
from arw_site.cli.diff_text import change_lines, conflict_lines, operation_lines
from arw_site.cli.notice import agree_to_grant
from arw_site.cli.output import one_line, say, table
from arw_site.cli.painting import paint
from arw_site.cli.proposal_text import proposal_lines
from arw_site.cli.session import Session, command
from arw_site.cli.values import json_file, json_object

ProposalId = Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id.")]
GRANTS = ("telemetry_on", "scope_changed")


def register(app: typer.Typer) -> None:
    """Adds the commands to ``arw-cli persona``."""
    command(app, "propose")(propose)
    command(app, "approve")(approve)
    command(app, "reject")(reject)
    command(app, "proposals")(list_proposals)
    command(app, "proposal")(show)


def propose(
    session: Session,
    persona_id: Annotated[str, typer.Argument(metavar="ID", help="The persona's id.")],
    file: Annotated[
        str,
        typer.Option(
            "--file",
            help="JSON file with the diff, an array (RFC 6902) or an object "
            "(RFC 7396); - reads standard input.",
        ),
    ],
    rationale: Annotated[str | None, typer.Option("--rationale", help="Why.")] = None,
    telemetry_scope: Annotated[
        str | None,
        typer.Option("--telemetry-scope", metavar="JSON|@FILE", help="Further opt-ins asked for."),
    ] = None,
    lease_required: Annotated[
        list[str] | None,
        typer.Option(
            "--lease-required",
            metavar="CAP",
            help="A capability that must be held when it is applied; repeatable.",
        ),
    ] = None,
) -> None:
    """Asks for a change."""
    body: dict[str, Any] = {"diff": json_file(file)}
    if rationale is not None:
        body["rationale"] = rationale
    if telemetry_scope is not None:
        body["telemetry_scope"] = json_object("--telemetry-scope", telemetry_scope)
    if lease_required:
        body["leases_required"] = lease_required
    answer = session.api.post("admin", "persona", persona_id, "proposals", body=body)
    if not session.shows(answer):
        say(f"Proposed {one_line(answer.record.get('proposal_id'))} for persona {persona_id}")


def approve(
    session: Session,
    proposal_id: ProposalId,
    digest: Annotated[
        str | None,
        typer.Option("--digest", help="Approve only if the proposal still has this digest."),
    ] = None,
    rationale: Annotated[str | None, typer.Option("--rationale", help="A word on why.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask where it turns telemetry on.")
    ] = False,
) -> None:
    """Approves a proposal, as another one than its author; it is applied with the last approval.

    Bound to the proposal as it is when the command starts: a change in between is refused.
    """
    detail = session.api.get("state", "proposals", proposal_id).record
    grant = next((one for one in detail.get("impact") or [] if one.get("kind") in GRANTS), None)
    if grant and detail.get("status") == "pending" and grant.get("severity") == "high":
        what = f"Approving proposal {proposal_id}: {one_line(grant.get('summary'))}."
        agree_to_grant(session, what, yes=yes)
    reviewed = {"digest": digest or detail.get("digest"), "version": detail.get("persona_version")}
    body: dict[str, Any] = {"reviewed": reviewed}
    if rationale is not None:
        body["rationale"] = rationale
    answer = session.api.post("admin", "persona", "proposals", proposal_id, "approve", body=body)
    if not session.shows(answer):
        say_decision(proposal_id, answer.record)


def reject(
    session: Session,
    proposal_id: ProposalId,
    rationale: Annotated[str, typer.Option("--rationale", help="Why; the proposer reads it.")],
) -> None:
    """Archives a proposal with the reason. Nothing is applied."""
    body = {"rationale": rationale}
    answer = session.api.post("admin", "persona", "proposals", proposal_id, "reject", body=body)
    if not session.shows(answer):
        say_decision(proposal_id, answer.record)


def list_proposals(
    session: Session,
    status: Annotated[
        str | None,
        typer.Option("--status", help="pending, approved, rejected, expired or withdrawn."),
    ] = None,
    persona: Annotated[str | None, typer.Option("--persona", help="Of this persona only.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="Items on a page.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every page.")] = False,
) -> None:
    """Proposals and what became of them."""
    query = {"status": status, "persona": persona, "limit": limit}
    answer = session.pages("state", "proposals", query=query, everything=everything)
    if session.shows(answer):
        return
    table(
        ("PROPOSAL", "PERSONA", "STATUS", "CREATED", "RATIONALE"),
        (
            (
                item.get("proposal_id"),
                item.get("persona_id"),
                item.get("status"),
                item.get("created"),
                _short(item.get("rationale")),
            )
            for item in answer.items
        ),
        empty="no proposals",
    )


def show(session: Session, proposal_id: ProposalId) -> None:
    """One proposal: what it would change, what that means, and what became of it."""
    answer = session.api.get("state", "proposals", proposal_id)
    if session.shows(answer):
        return
    detail = answer.record
    say(*proposal_lines(detail))
    asked = asked_by(session, detail) if detail.get("status") == "pending" else None
    say("changes")
    if asked is None or not asked.changes:
        paint(operation_lines(detail.get("diff") or []))
        return
    paint(change_lines(asked.changes))
    if asked.conflicts:
        say("conflicts")
        paint(conflict_lines(asked.conflicts))


def say_decision(proposal_id: str, outcome: dict[str, Any]) -> None:
    """What became of a proposal, in a line."""
    if outcome.get("status") == "pending":
        counts = one_line(outcome.get("approvals")), one_line(outcome.get("required"))
        say("Approval recorded: {} of {}".format(*counts))
        return
    word = str(outcome.get("status") or "decided").capitalize()
    persona, now_at = outcome.get("persona_id"), outcome.get("version")
    line = f"{word} {proposal_id}"
    if word == "Approved" and persona:
        line += f": persona {persona}" + (f" is now at version {now_at}" if now_at else "")
    say(line)


def _short(text: Any) -> str:
    words = " ".join(str(text or "").split())
    return words if len(words) <= 60 else words[:59] + "…"
