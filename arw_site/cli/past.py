"""`arw-cli persona diff | restore`: what a record was, and the way back."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from arw_site.cli.asked import asked_by
from arw_site.cli.diff_text import change_lines, conflict_lines
from arw_site.cli.failures import Misused, Refused
from arw_site.cli.output import document, one_line, remark, say
from arw_site.cli.painting import paint
from arw_site.cli.session import Session, command
from arw_site.cli.values import instant


def register(app: typer.Typer) -> None:
    """Adds the commands to ``arw-cli persona``."""
    command(app, "diff")(diff)
    command(app, "restore")(restore)


def asked_past(version: int | None, at: str | None) -> dict[str, Any]:
    """The query for a version or an instant; empty for the present. Raises ``Misused``."""
    if version is not None and at is not None:
        raise Misused("give --version or --at, not both")
    if version is not None:
        return {"version": _version("--version", version)}
    return {} if at is None else {"at": instant("--at", at)}


def diff(
    session: Session,
    persona_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The persona's id.")
    ] = None,
    start: Annotated[
        int | None,
        typer.Option("--from", metavar="N", help="A version; default: the one before --to."),
    ] = None,
    end: Annotated[
        int | None, typer.Option("--to", metavar="N", help="A version; default: the present one.")
    ] = None,
    proposal: Annotated[
        str | None, typer.Option("--proposal", metavar="PROPOSAL", help="What it would change.")
    ] = None,
) -> None:
    """What changed between two versions of a record, or what a proposal changes."""
    if (persona_id is None) == (proposal is None):
        raise Misused("give a persona's ID or --proposal, and not both")
    if proposal is not None:
        if start is not None or end is not None:
            raise Misused("--from and --to are about a persona's versions, not a proposal")
        _show_proposal(session, proposal)
    elif persona_id is not None:
        _show_versions(session, persona_id, start, end)


def restore(
    session: Session,
    persona_id: Annotated[str, typer.Argument(metavar="ID", help="The persona's id.")],
    version: Annotated[
        int, typer.Option("--version", metavar="N", help="The version to go back to.")
    ],
    rationale: Annotated[str | None, typer.Option("--rationale", help="Why.")] = None,
) -> None:
    """Proposes to take the record back to what it was. It is reviewed like any other change."""
    body: dict[str, Any] = {"version": version}
    if rationale is not None:
        body["rationale"] = rationale
    answer = session.api.post("admin", "persona", persona_id, "restore", body=body)
    if not session.shows(answer):
        proposal_id = one_line(answer.record.get("proposal_id"))
        say(f"Proposed {proposal_id} to restore version {version} of persona {persona_id}")


def _show_versions(session: Session, persona_id: str, start: int | None, end: int | None) -> None:
    query = {"from": start, "to": end}
    if start is None:
        query["from"] = max(_version("--to", _end(session, persona_id, end)) - 1, 0)
    for option, given in (("--from", start), ("--to", end)):
        if given is not None:
            _version(option, given)
    answer = session.api.get("state", "persona", persona_id, "compare", query=query)
    if session.shows(answer):
        return
    found = answer.record
    say(f"{persona_id}: version {one_line(found.get('from'))} to {one_line(found.get('to'))}")
    paint(change_lines(found.get("changes") or []))
    if not found.get("changes"):
        remark("no changes")


def _end(session: Session, persona_id: str, end: int | None) -> int:
    if end is not None:
        return end
    return int(session.api.get("state", "persona", persona_id).record["version"])


def _show_proposal(session: Session, proposal_id: str) -> None:
    detail = session.api.get("state", "proposals", proposal_id).record
    asked = asked_by(session, detail)
    if asked is None:
        raise Refused(f"what proposal {proposal_id} changes cannot be worked out")
    if session.as_json:
        names = ("proposal_id", "persona_id", "status", "digest", "diff")
        data = {
            **{name: detail.get(name) for name in names},
            "version": asked.version,
            "changes": asked.changes,
            "conflicts": asked.conflicts,
        }
        document(json.dumps(data, ensure_ascii=False), pretty=session.pretty)
        return
    status, persona_id = one_line(detail.get("status")), one_line(detail.get("persona_id"))
    say(f"{proposal_id} ({status}) on {persona_id}, version {asked.version}")
    paint(change_lines(asked.changes))
    if asked.conflicts:
        say("conflicts with what was applied since")
        paint(conflict_lines(asked.conflicts))


def _version(option: str, number: int) -> int:
    if number < 0:
        raise Misused(f"{option}: {number} is no version")
    return number
