"""The quick way from a body to its samples, for bodies with nothing wrong in them. Pure.

``msgspec`` decodes into typed structs and refuses what breaks their rules. What it does not look
at is looked at here: names that occur twice, numbers and characters that cannot be stored, sizes.
A body that is not taken here is no refusal yet: the strict reader decides, and names each fault.
So both ways accept and refuse exactly the same bodies.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from leases.strict_json import MAX_SAFE_INTEGER
from personas.documents.limits import exceeds
from telemetry.samples import (
    BATCH_MAX,
    DEFAULT_SIGNAL,
    ID_MAX,
    KIND_MAX,
    METADATA_MAX_BYTES,
    METADATA_MAX_DEPTH,
    NOTE_MAX,
    SIGNAL_MAX,
    Sample,
)

_Kind = Annotated[str, Meta(max_length=KIND_MAX)]
_Signal = Annotated[str, Meta(min_length=1, max_length=SIGNAL_MAX)]
_Strength = Annotated[float, Meta(ge=0, le=1)]
_Note = Annotated[str, Meta(max_length=NOTE_MAX)]
_Id = Annotated[str, Meta(min_length=1, max_length=ID_MAX)]


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    kind: _Kind | UnsetType | None = UNSET
    signal: _Signal | UnsetType | None = UNSET
    strength: _Strength | UnsetType | None = UNSET
    note: _Note | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET
    id: _Id | UnsetType | None = UNSET


_one = msgspec.json.Decoder(_Row)
_many = msgspec.json.Decoder(Annotated[list[_Row], Meta(min_length=1, max_length=BATCH_MAX)])
_BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class _NotTaken(Exception):
    """The strict reader has to look at it."""


def quick_samples(body: bytes, kind: str | None = None) -> tuple[Sample, ...] | None:
    """What ``read_samples`` makes of the parsed ``body``, or None where the strict reader decides.

    ``kind`` is the fallback for samples that name none.
    """
    if kind is not None and (len(kind) > KIND_MAX or not kind.isprintable()):
        return None
    # Only an escape can write U+0000; the strict reader tells it from one that looks like it.
    if b"\\u0000" in body:
        return None
    try:
        rows = _many.decode(body) if body.lstrip()[:1] == b"[" else [_one.decode(body)]
        strings, samples = _samples(rows, kind or None)
    except (*_BROKEN, _NotTaken):
        return None
    # A name that occurs twice is one more string in the text than there is in what was decoded.
    return tuple(samples) if _quotes(body) == 2 * strings else None


def _quotes(body: bytes) -> int:
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    return body.count(b'"')


def _samples(rows: list[_Row], fallback: str | None) -> tuple[int, list[Sample]]:
    """How many strings the rows hold, names included, and their samples."""
    strings = 0
    samples = []
    for row in rows:
        signal, kind, strength = row.signal, row.kind, row.strength
        note, metadata, name = row.note, row.metadata, row.id
        if signal is UNSET or signal is None:
            strings += signal is None
            signal = DEFAULT_SIGNAL
        else:
            if signal[0].isspace() and not signal.strip():
                raise _NotTaken
            strings += 2
        if strength is UNSET:
            strength = None
        else:
            strings += 1
            if strength is not None:
                strength += 0.0  # no negative zero
        kind, more = _text(kind)
        note, further = _text(note)
        name, last = _text(name)
        strings += more + further + last
        if metadata is UNSET:
            metadata = None
        else:
            strings += 1
            if metadata is not None:
                strings += _strings_in(metadata)
        samples.append(Sample(signal, kind or fallback, strength, note, metadata, name))
    return strings, samples


def _text(value: str | UnsetType | None) -> tuple[str | None, int]:
    if value is UNSET:
        return None, 0
    return (None, 1) if value is None else (value, 2)


def _strings_in(metadata: dict[str, Any]) -> int:
    """How many strings it holds, keys included; raises where a rule might be broken."""
    strings = size = 0
    level: list[Any] = [metadata]
    for _ in range(METADATA_MAX_DEPTH):
        deeper: list[Any] = []
        for container in level:
            size += 24 * len(container) + 2
            items = container
            if type(container) is dict:
                strings += len(container)
                size += sum(map(len, container))
                items = container.values()
            for item in items:
                kind = type(item)
                if kind is str:
                    strings += 1
                    size += len(item)
                elif kind is dict or kind is list:
                    deeper.append(item)
                elif (
                    kind is int or kind is float
                ) and not -MAX_SAFE_INTEGER <= item <= MAX_SAFE_INTEGER:
                    raise _NotTaken
        if not deeper:
            break
        level = deeper
    else:
        raise _NotTaken
    # Six bytes is the longest way to write a character.
    if 6 * size > METADATA_MAX_BYTES and exceeds(metadata, METADATA_MAX_BYTES):
        raise _NotTaken
    return strings
