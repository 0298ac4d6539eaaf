"""`arw-cli persona verify`: the proof that histories are whole and untouched (contract §5)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

import typer

from arw_site.cli.client import Api
from arw_site.cli.failures import Misused, Unsound
from arw_site.cli.output import document, one_line, remark, table
from arw_site.cli.session import Session, command

PATIENCE_SECONDS = 120.0


def register(app: typer.Typer) -> None:
    """Adds the command to ``arw-cli persona``."""
    command(app, "verify")(verify)


def verify(
    session: Session,
    persona_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The persona's id.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every persona.")] = False,
) -> None:
    """Replays every change, checks the hash chain, and compares the end with the record.

    Exit code 1 when a history is not sound: the first bad row is named, and what is wrong with it.
    """
    if (persona_id is not None) == everything:
        raise Misused("give a persona's ID or --all, and not both")
    # A long history takes longer than other answers.
    api = replace(session.api, timeout=max(session.timeout, PATIENCE_SECONDS))
    if persona_id is not None:
        answer = api.get("state", "persona", persona_id, "verify")
        reports = [answer.record]
        text = answer.text
    else:
        reports = list(_reports(api))
        whole = {"ok": all(one.get("ok") is True for one in reports), "items": reports}
        text = json.dumps(whole, ensure_ascii=False)
    if session.as_json:
        document(text, pretty=session.pretty)
    else:
        _show(reports)
    unsound = [one for one in reports if one.get("ok") is not True]
    if unsound:
        raise Unsound(*map(_fault, unsound))


def _reports(api: Api) -> list[dict[str, Any]]:
    personas = api.every("state", "persona", query={"limit": 500}).items
    ids = sorted(str(one.get("id")) for one in personas)
    return [api.get("state", "persona", one, "verify").record for one in ids]


def _show(reports: list[dict[str, Any]]) -> None:
    table(
        ("PERSONA", "RESULT", "VERSION", "CHECKED", "ANCHOR"),
        (
            (
                one.get("persona_id"),
                "sound" if one.get("ok") is True else "NOT SOUND",
                one.get("version"),
                one.get("checked"),
                one.get("anchor"),
            )
            for one in reports
        ),
        empty="no personas",
    )
    if len(reports) > 1:
        sound = sum(1 for one in reports if one.get("ok") is True)
        remark(f"{sound} of {len(reports)} sound")


def _fault(report: dict[str, Any]) -> str:
    where = report.get("first_bad_version")
    place = "" if where is None else f"version {one_line(where)} "
    return (
        f"{one_line(report.get('persona_id'))}: {place}{one_line(report.get('reason'))}: "
        f"{one_line(report.get('detail'))}"
    )
