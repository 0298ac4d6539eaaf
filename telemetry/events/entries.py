"""Groups of events and news of rights as they travel between nodes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

import msgspec

from telemetry.events.catalog import EVENTS, Feedback
from telemetry.events.groups import Encoded, Given, Group

_ALIASES = {event.topic: event.aliases for event in EVENTS}


class What(IntEnum):
    """What an item tells."""

    EVENT = 0
    FEEDBACK = 1
    RIGHTS = 2  # consent, a lease, a token or a role moved
    FORGET = 3  # feedback was erased: of one actor, or of all where it is empty; see ``forget``
    LOST = 4  # events before this were never sent: Redis was away for too long


class Item(msgspec.Struct, array_like=True, frozen=True):
    """One group, or one piece of news. ``count`` is how many events it stands for."""

    what: What
    actor: str = ""
    persona_id: str = ""
    topic: str = ""
    time: str = ""
    count: int = 0
    weight: int = 0
    body: bytes = b""


def forget(persona_id: str, actor: str | None, until: str, origin: str) -> Item:
    """News of an erasure by the node ``origin``, which stands where an event has its topic."""
    return Item(What.FORGET, actor=actor or "", persona_id=persona_id, topic=origin, time=until)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Item])


def pack(items: Sequence[Item]) -> bytes:
    """The items as one entry of the stream."""
    return _ENCODER.encode(items)


def unpack(entry: bytes) -> Iterable[Item]:
    """The items of an entry. Raises ``msgspec.DecodeError`` for anything else."""
    return _DECODER.decode(entry)


def item_of(group: Group) -> Item:
    """What other nodes need of a group; feedback is packed, but not made into events yet."""
    content = group.content
    feedback = isinstance(content, Given)
    return Item(
        What.FEEDBACK if feedback else What.EVENT,
        actor=group.actor,
        persona_id=group.persona_id or "",
        topic=group.topic,
        time=content.time if isinstance(content, Given) else "",
        count=group.count,
        weight=group.weight,
        body=content.body(),
    )


def group_of(item: Item) -> Group:
    """The group that a node packed."""
    if item.what is What.FEEDBACK:
        content = Given(item.persona_id, item.actor, item.time, packed=item.body)
        topic = Feedback.topic
        return Group(
            topic,
            content,
            actor=item.actor,
            persona_id=item.persona_id,
            aliases=Feedback.aliases,
            count=item.count,
            weight=item.weight,
        )
    return Group(
        item.topic,
        Encoded(item.body),
        actor=item.actor,
        aliases=_ALIASES.get(item.topic, ()),
        weight=item.weight,
    )
