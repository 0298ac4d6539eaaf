"""`arw-cli events tail`: the server's event stream (contract §8), one line an event."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from arw_site.cli.failures import Unreachable
from arw_site.cli.output import document, one_line, remark, say
from arw_site.cli.session import Session, command

app = typer.Typer(rich_markup_mode=None)

ATTEMPTS = 5
DEFAULT_RETRY_MS = 2000


@app.callback()
def events() -> None:
    """What happens, as it happens."""


@dataclass
class Frame:
    """One server-sent event."""

    kind: str
    id: str
    data: str


@dataclass
class Reader:
    """Server-sent events out of lines; remembers the last id and how long to wait to come back."""

    last_id: str = ""
    retry_ms: int = DEFAULT_RETRY_MS
    _kind: str = ""
    _data: list[str] = field(default_factory=list)

    def frames(self, lines: Iterable[str]) -> Iterator[Frame]:
        self._kind, self._data = "", []
        for line in lines:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                if self._data:
                    yield Frame(self._kind or "message", self.last_id, "\n".join(self._data))
                self._kind, self._data = "", []
            elif name == "event":
                self._kind = value
            elif name == "data":
                self._data.append(value)
            elif name == "id" and "\0" not in value:
                self.last_id = value
            elif name == "retry" and value.isascii() and value.isdigit():
                self.retry_ms = min(int(value[:6]), 60_000)


@command(app, "tail")
def tail(
    session: Session,
    prefix: Annotated[
        list[str] | None,
        typer.Option(
            "--prefix",
            help="Only kinds that begin so, such as persona.proposal; "
            "repeatable, or separated by commas.",
        ),
    ] = None,
    replay: Annotated[
        int | None, typer.Option("--replay", help="Begin with this many past events.")
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", help="Begin after the event with this id.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="End after this many events.")
    ] = None,
) -> None:
    """Prints events until Ctrl-C. A lost connection is taken up again without a gap."""
    reader = Reader()
    left = limit
    for frame in _frames(session, reader, {"prefix": prefix, "replay": replay, "after": after}):
        _print(session, frame)
        if left is not None and not frame.kind.startswith("service."):
            left -= 1
            if left == 0:
                return


def _frames(session: Session, reader: Reader, query: dict[str, Any]) -> Iterator[Frame]:
    failures = 0
    connected = False
    while True:
        try:
            for frame in _connection(session, reader, query):
                connected, failures = True, 0
                yield frame
            lost = "the server ended the stream"
        except Unreachable as failure:
            failures += 1
            if not connected or failures >= ATTEMPTS:
                raise
            lost = failure.lines[0]
        if not connected:
            raise Unreachable(f"{session.base}: {lost}")
        remark(f"{lost}; trying again")
        time.sleep(reader.retry_ms / 1000)
        # From here on the last event seen says where to begin.
        query = {"prefix": query["prefix"]}


def _connection(session: Session, reader: Reader, query: dict[str, Any]) -> Iterator[Frame]:
    headers = {"Accept": "text/event-stream"}
    if reader.last_id:
        headers["Last-Event-ID"] = reader.last_id
    with session.api.stream("events", query=query, headers=headers) as response:
        kind = response.headers.get("content-type", "no content type")
        if not kind.startswith("text/event-stream"):
            raise Unreachable(f"{session.base}: the answer is no event stream ({kind})")
        yield from reader.frames(response.iter_lines())


def _print(session: Session, frame: Frame) -> None:
    if session.as_json:
        document(frame.data, pretty=session.pretty)
        return
    try:
        envelope = json.loads(frame.data)
    except ValueError:
        envelope = None
    if not isinstance(envelope, dict):
        say(f"-  {one_line(frame.kind)}  {one_line(frame.data)}")
        return
    payload = envelope.get("payload")
    words = (
        "  ".join(f"{one_line(key)}={one_line(value)}" for key, value in payload.items())
        if isinstance(payload, dict)
        else one_line(payload)
    )
    say(f"{one_line(envelope.get('time'))}  {one_line(frame.kind)}  {words}".rstrip())
