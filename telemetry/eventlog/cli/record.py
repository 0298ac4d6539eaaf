"""`runner telemetry record`."""

import json
import sys
from typing import Annotated, Any, NoReturn

import typer

from telemetry.eventlog.cli.options import ActorId, AsJson, acting
from telemetry.eventlog.cli.output import line, remark, usage

_LARGEST = 1 << 20


def record(
    event_type: Annotated[
        str, typer.Argument(help="One of the schema's types, for example quest.completed.")
    ],
    *,
    data: Annotated[
        str, typer.Option("--data", help="The payload as a JSON object; - reads it from stdin.")
    ] = "{}",
    source: Annotated[str, typer.Option("--source", help="cli, api or mcp.")] = "cli",
    trace_id: Annotated[
        str | None,
        typer.Option("--trace-id", help="Joins events of one request.", show_default=False),
    ] = None,
    actor_id: ActorId = None,
    as_json: AsJson = False,
) -> None:
    """Store one event; it is on disk when this returns.

    Secrets and personal data are removed first, which adds a risk.flagged event.

    \b
    Examples:
      runner telemetry record quest.completed --data '{"quest_id": "daily.review"}'
      runner telemetry record profile.updated --actor-id human:jordan
      echo '{"reason": "timeout"}' | runner telemetry record quest.failed --data -
    """
    from telemetry.eventlog.errors import EventRefused
    from telemetry.eventlog.rows import EVENT_TYPES, SOURCES, Event
    from telemetry.eventlog.store import Store

    if source not in SOURCES:
        raise usage(f"--source is cli, api or mcp, not {source[:40]!r}")
    event = Event(event_type, _payload(data), acting(actor_id), source, trace_id)
    try:
        stored = Store().append(event)
    except EventRefused as refused:
        raise usage(f"--data: {refused}") from None
    if event_type not in EVENT_TYPES:
        remark("this type is not in the schema; stored as risk.flagged with its hash")
    line(stored.line.decode() if as_json else f"{stored.event_type} {stored.event_id}")


def _payload(text: str) -> Any:
    if text == "-":
        text = sys.stdin.buffer.read(_LARGEST + 1).decode("utf-8", "replace")
    if len(text) > _LARGEST:
        raise usage("--data is longer than 1 MiB")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise usage("--data is nested too deep") from None
    except ValueError as problem:
        raise usage(f"--data is no JSON: {problem}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
