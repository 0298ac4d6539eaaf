"""`arw-cli persona revise | withdraw | comment | request-changes`: before the decision."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli.output import one_line, say
from arw_site.cli.proposals import ProposalId, say_decision
from arw_site.cli.session import Session, command
from arw_site.cli.values import json_file


def register(app: typer.Typer) -> None:
    """Adds the commands to ``arw-cli persona``."""
    command(app, "revise")(revise)
    command(app, "withdraw")(withdraw)
    command(app, "comment")(comment)
    command(app, "request-changes")(request_changes)


def revise(
    session: Session,
    proposal_id: ProposalId,
    file: Annotated[
        str,
        typer.Option(
            "--file",
            help="JSON file with the new diff, on the record as it is now; - reads standard input.",
        ),
    ],
    rationale: Annotated[
        str | None, typer.Option("--rationale", help="Why; default: as before.")
    ] = None,
    digest: Annotated[
        str | None,
        typer.Option("--digest", help="Revise only if the proposal still has this digest."),
    ] = None,
) -> None:
    """Asks for something else under the same proposal. Earlier approvals no longer count.

    Bound to the proposal as it is when the command starts: two editors do not overwrite each
    other.
    """
    body: dict[str, Any] = {"diff": json_file(file)}
    detail = session.api.get("state", "proposals", proposal_id).record
    body["digest"] = digest or detail.get("digest")
    if rationale is not None:
        body["rationale"] = rationale
    answer = session.api.post("admin", "persona", "proposals", proposal_id, "revise", body=body)
    if session.shows(answer):
        return
    voided = sum(1 for one in detail.get("approvals") or [] if one.get("standing"))
    void = {0: "", 1: "; 1 approval no longer counts"}.get(
        voided, f"; {voided} approvals no longer count"
    )
    say(f"Revised {proposal_id}: revision {one_line(answer.record.get('revision'))}{void}")


def withdraw(
    session: Session,
    proposal_id: ProposalId,
    rationale: Annotated[str | None, typer.Option("--rationale", help="Why.")] = None,
) -> None:
    """Takes a proposal back. Nothing is applied."""
    body = {} if rationale is None else {"rationale": rationale}
    answer = session.api.post("admin", "persona", "proposals", proposal_id, "withdraw", body=body)
    if not session.shows(answer):
        say_decision(proposal_id, answer.record)


def comment(
    session: Session,
    proposal_id: ProposalId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be said.")],
    path: Annotated[
        str | None,
        typer.Option("--path", help="On one path of the record, such as /traits/tone."),
    ] = None,
) -> None:
    """Says something about a proposal; also after the decision."""
    body = {"text": text, **({} if path is None else {"path": path})}
    answer = session.api.post("admin", "persona", "proposals", proposal_id, "comments", body=body)
    if not session.shows(answer):
        say(f"Commented on {proposal_id}" + (f" at {one_line(path)}" if path else ""))


def request_changes(
    session: Session,
    proposal_id: ProposalId,
    text: Annotated[
        str, typer.Option("--comment", help="What is to be changed; the proposer reads it.")
    ],
) -> None:
    """Asks for changes: the proposal cannot be approved until it is revised."""
    place = ("admin", "persona", "proposals", proposal_id, "request-changes")
    answer = session.api.post(*place, body={"comment": text})
    if not session.shows(answer):
        say(f"Asked for changes to {proposal_id}")
