"""Events as they wait in the window: in groups as published, encoded when a reader first needs them.

Publishing a thousand samples makes one group and no text. A group is either one event, or feedback
of one actor on one persona; so the right to see it, and its erasure, concern it as a whole. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from telemetry.events.catalog import Event, Feedback

# What an event takes in memory beside its texts, encoded for both transports.
EVENT_WEIGHT = 400

Mark = tuple[int, ...]
Row = tuple[str, str | None, float | None, str | None, dict[str, Any] | None]

_JSON = msgspec.json.Encoder()
_ROWS = msgspec.msgpack.Decoder(list[Row])


class Sample(Protocol):
    """What a feedback event tells of a sample."""

    @property
    def signal(self) -> str: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def strength(self) -> float | None: ...
    @property
    def note(self) -> str | None: ...
    @property
    def metadata(self) -> dict[str, Any] | None: ...


class Content(Protocol):
    """Where the JSON text of a group's events comes from."""

    def encode(self, index: int) -> bytes:
        """The envelope ``{time, kind, payload}`` of one event, on one line."""

    def body(self) -> bytes:
        """All of it, for other nodes."""


@dataclass(slots=True)
class Told:
    """One event of the catalogue."""

    event: Event
    time: str

    def encode(self, index: int) -> bytes:
        return _envelope(self.time, self.event.topic, self.event.payload())

    def body(self) -> bytes:
        return self.encode(0)


@dataclass(slots=True)
class Encoded:
    """One event that another node has encoded."""

    data: bytes

    def encode(self, index: int) -> bytes:
        return self.data

    def body(self) -> bytes:
        return self.data


@dataclass(slots=True)
class Given:
    """Feedback of one actor on one persona, as objects or as the rows of another node."""

    persona_id: str
    actor: str
    time: str
    samples: Sequence[Sample] = ()
    packed: bytes = b""
    _rows: Sequence[Row] | None = None

    def encode(self, index: int) -> bytes:
        signal, kind, strength, note, metadata = self.rows[index]
        payload = {
            "actor": self.actor,
            "persona_id": self.persona_id,
            "kind": kind,
            "signal": signal,
            "strength": strength,
            "note": note,
            "metadata": metadata,
        }
        return _envelope(self.time, Feedback.topic, payload)

    def body(self) -> bytes:
        return self.packed or msgspec.msgpack.encode(self.rows)

    @property
    def rows(self) -> Sequence[Row]:
        """One for each sample."""
        if self._rows is None:
            if self.packed:
                self._rows = _ROWS.decode(self.packed)
            else:
                self._rows = [
                    (one.signal, one.kind, one.strength, one.note, one.metadata)
                    for one in self.samples
                ]
            self.samples, self.packed = (), b""
        return self._rows


class Group:
    """Events side by side in the window, numbered from ``base`` on.

    ``mark`` is the place of its first event in the order of all nodes, as event ids tell it after
    ``label``; ``weight`` is about what it takes in memory, in bytes. ``first`` is the number of
    the first event that has not left the window.
    """

    __slots__ = (
        "_events",
        "actor",
        "aliases",
        "base",
        "content",
        "count",
        "erased",
        "first",
        "label",
        "mark",
        "persona_id",
        "topic",
        "weight",
    )

    def __init__(
        self,
        topic: str,
        content: Content,
        *,
        actor: str,
        persona_id: str | None = None,
        aliases: tuple[str, ...] = (),
        count: int = 1,
        weight: int = EVENT_WEIGHT,
    ) -> None:
        self.topic = topic
        self.content = content
        self.actor = actor
        self.persona_id = persona_id
        self.aliases = aliases
        self.count = count
        self.weight = weight
        self.erased = False
        self.label = ""
        self.mark: Mark = ()
        self.base = self.first = 0
        self._events: list[Published] | None = None

    def place(self, number: int, label: str, mark: Mark) -> None:
        """Give it its place: ``number`` counts in this process, the mark on all nodes."""
        self.base = self.first = number
        self.label, self.mark = label, mark

    @property
    def last(self) -> int:
        """The number of its last event."""
        return self.base + self.count - 1

    def events(self, begin: int, end: int) -> list[Published]:
        """Its events numbered ``begin`` up to and without ``end``."""
        known = self._events
        if known is None:
            known = self._events = [Published(self, index) for index in range(self.count)]
        return known[begin - self.base : end - self.base]

    def let_go(self) -> None:
        """It has left the window: its events are held by nobody but who is sending them.

        They hold the group, and it them: such a ring would stay until Python's collector looks at
        what is old, which it seldom does.
        """
        self._events = None

    def event_id(self, number: int) -> str:
        """The id of its event with that number."""
        *before, index = self.mark
        parts = (self.label, *map(str, before), str(index + number - self.base))
        return "-".join(parts)

    def erase(self) -> int:
        """Empty it for good; returns how much lighter it became."""
        self.erased = True
        self.content = Encoded(b"")
        self._events = None
        lighter = self.weight - self.count
        self.weight = self.count
        return lighter


class Published:
    """One event of a group, and what was made of it for each transport."""

    __slots__ = ("group", "index", "message", "sse")

    def __init__(self, group: Group, index: int) -> None:
        self.group = group
        self.index = index
        self.sse: bytes | None = None
        self.message: str | None = None

    @property
    def number(self) -> int:
        return self.group.base + self.index

    @property
    def id(self) -> str:
        return self.group.event_id(self.number)

    @property
    def topic(self) -> str:
        return self.group.topic

    @property
    def actor(self) -> str:
        return self.group.actor

    @property
    def persona_id(self) -> str | None:
        """Set where delivery depends on the reader."""
        return self.group.persona_id

    @property
    def erased(self) -> bool:
        return self.group.erased

    @property
    def data(self) -> bytes:
        """The envelope ``{time, kind, payload}`` as JSON; nothing once it is erased."""
        return b"" if self.group.erased else self.group.content.encode(self.index)


def group_of_event(event: Event, time: str) -> Group:
    """A group of one event of the catalogue."""
    if isinstance(event, Feedback):
        return group_of_feedback(event.persona_id, event.actor, (event,), time)
    return Group(event.topic, Told(event, time), actor=event.actor, aliases=event.aliases)


def group_of_feedback(
    persona_id: str, actor: str, samples: Sequence[Sample], time: str, packed: bytes = b""
) -> Group:
    """A group of feedback events; ``samples`` are kept as they are and must not change."""
    content = Given(persona_id, actor, time, samples, packed)
    weight = EVENT_WEIGHT * len(samples)
    for one in samples:
        if one.note is not None:
            weight += _text_weight(one.note)
        if one.metadata is not None:
            weight += _weight(one.metadata)
    return Group(
        Feedback.topic,
        content,
        actor=actor,
        persona_id=persona_id,
        aliases=Feedback.aliases,
        count=len(samples),
        weight=weight,
    )


def _text_weight(text: str) -> int:
    # Known without looking at the characters; beyond ASCII the worst is taken for granted.
    return len(text) if text.isascii() else 4 * len(text)


def _weight(value: Any) -> int:
    """About what a JSON value takes."""
    # Of each sample that is published: loops, since a generator costs more than what it sums up.
    if isinstance(value, str):
        return 50 + _text_weight(value)
    weight = 16
    if isinstance(value, dict):
        weight = 100
        for key, inner in value.items():
            weight += _text_weight(key) + _weight(inner)
    elif isinstance(value, list):
        weight = 60
        for inner in value:
            weight += _weight(inner)
    return weight


def _envelope(time: str, kind: str, payload: dict[str, Any]) -> bytes:
    return _JSON.encode({"time": time, "kind": kind, "payload": payload})
