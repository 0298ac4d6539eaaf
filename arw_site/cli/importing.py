"""`arw-cli persona import`: a TinyTroupe agent becomes a record."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from arw_site.cli.failures import Misused
from arw_site.cli.output import document, one_line, remark, say
from arw_site.cli.session import Session, command
from arw_site.cli.values import json_file


def register(app: typer.Typer) -> None:
    """Adds the command to ``arw-cli persona``."""
    command(app, "import")(import_persona)


def import_persona(
    session: Session,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="*.agent.json or fragment; - reads standard input."),
    ],
    persona_id: Annotated[
        str | None, typer.Option("--id", help="The new persona's id; default: a UUID.")
    ] = None,
    owner_kind: Annotated[
        str, typer.Option("--owner-kind", help="workspace, project or agent.")
    ] = "workspace",
    owner_ref: Annotated[str, typer.Option("--owner-ref", help="Its identifier.")] = "local",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the record and send nothing.")
    ] = False,
) -> None:
    """Creates a persona from a TinyTroupe file; lists what has no place in a record."""
    body, left_out = _record(file)
    body |= {"owner_kind": owner_kind, "owner_ref": owner_ref}
    if persona_id is not None:
        body["id"] = persona_id
    if dry_run:
        document(json.dumps(body, ensure_ascii=False), pretty=session.pretty or not session.as_json)
    else:
        answer = session.api.post("admin", "persona", body=body)
        if not session.shows(answer):
            name = answer.record.get("name")
            say(
                f"Imported persona {one_line(answer.record.get('id'))}"
                + (f" ({one_line(name)})" if name else "")
            )
    if left_out:
        remark(
            "No place in a record, and left out:", *(f"  {one_line(place)}" for place in left_out)
        )


def _record(file: str) -> tuple[dict[str, Any], list[str]]:
    from personas.documents.tinytroupe import NotTinyTroupe, to_record

    try:
        imported = to_record(json_file(file))
    except NotTinyTroupe as problem:
        raise Misused(f"{file}: {problem}") from None
    fields = {name: value for name, value in imported.record_fields.items() if value is not None}
    return fields, imported.unplaced
