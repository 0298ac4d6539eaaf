"""Reads one line as an event, whatever wrote it: typed where it is as ours, tolerant where not."""

import json
from datetime import datetime
from typing import Any

import msgspec

from telemetry.eventlog.actors import Actor, normalise_safely
from telemetry.eventlog.instants import parse_instant
from telemetry.eventlog.rows import SOURCES


class ActorObject(msgspec.Struct, gc=False):
    """The actor of a row in today's form."""

    kind: str = ""
    id: str = ""


class View(msgspec.Struct, gc=False):
    """What readers need of a row; `data` stays undecoded."""

    ts: str = ""
    event_type: str = ""
    actor: ActorObject | str | None = None
    source: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Dated(msgspec.Struct, gc=False):
    ts: str = ""


_decode = msgspec.json.Decoder(View).decode
_decode_dated = msgspec.json.Decoder(_Dated).decode
_KNOWN_ACTORS = 20_000


def view_of(line: bytes) -> View | None:
    """The event of a line, or None where it is none: no JSON, no object, cut, too deep."""
    try:
        return _decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _leniently(line)


def _leniently(line: bytes) -> View | None:
    """Odd rows: null or numbers where text belongs, NaN, lone surrogates, bytes that are no UTF-8."""
    try:
        row = json.loads(line.decode("utf-8", "replace"))
        if not isinstance(row, dict):
            return None
        return View(
            ts=_text(row.get("ts")),
            event_type=_text(row.get("event_type")),
            actor=_odd_actor(row.get("actor")),
            source=_text(row.get("source")),
            data=msgspec.Raw(json.dumps(row.get("data")).encode()),
        )
    except (ValueError, RecursionError):
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _odd_actor(actor: Any) -> ActorObject | str | None:
    if isinstance(actor, dict):
        kind, identity = actor.get("kind"), actor.get("id")
        return ActorObject(_text(kind), "" if identity is None else str(identity))
    return actor if isinstance(actor, str) else None


def instant_of(line: bytes) -> datetime | None:
    """When the event of a line happened, or None."""
    try:
        return parse_instant(_decode_dated(line).ts)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        view = _leniently(line)
        return parse_instant(view.ts) if view else None


def source_of(view: View) -> str:
    return view.source if view.source in SOURCES else "cli"


class ActorReader:
    """Normalises and sanitizes the actors of many rows; each form is looked at once."""

    def __init__(self) -> None:
        self._known: dict[Any, Actor] = {}

    def __call__(self, actor: ActorObject | str | None) -> Actor:
        key = (actor.kind, actor.id) if isinstance(actor, ActorObject) else actor
        found = self._known.get(key)
        if found is None:
            given = (
                {"kind": actor.kind, "id": actor.id} if isinstance(actor, ActorObject) else actor
            )
            found, _, _ = normalise_safely(given)
            if len(self._known) >= _KNOWN_ACTORS:
                self._known.clear()
            self._known[key] = found
        return found
