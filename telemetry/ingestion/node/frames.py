"""What the processes of a node tell each other: frames of MessagePack on a stream of bytes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import TypeAlias, TypeVar

import msgspec

from telemetry.errors import Overloaded, RateLimited, StoreUnavailable
from telemetry.ingestion.submission import Outcome, Submission

_Row = TypeVar("_Row")
LONGEST = 64 * 1024 * 1024
LEAVE_SECS = 2.0  # in which either side hears of all that is under way
_LENGTH = struct.Struct(">I")

Handed: TypeAlias = list[tuple[int, Submission]]
"""Submissions, each with a number that names it on this connection."""
Told: TypeAlias = list[tuple[int, int, float]]
"""By number: how many samples were accepted, or a ``Refusal``; and seconds to wait, if any.

Empty: whoever writes is about to leave, and takes nothing more.
"""


class Refusal(IntEnum):
    """Why nothing was accepted."""

    NAMED_ELSEWHERE = -1
    RATE = -2
    OVERLOADED = -3
    UNAVAILABLE = -4
    NOT_TAKEN = -5


class Unnamed(Exception):
    """Refused; for what, is found out by whoever writes the refusal, who judges once more."""


class NotTaken(Exception):
    """Whoever writes is leaving. Nothing has happened."""


class Malformed(Exception):
    """No frame of ours."""


_encode = msgspec.msgpack.Encoder().encode
_handed = msgspec.msgpack.Decoder(Handed)
_told = msgspec.msgpack.Decoder(Told)


def frame(message: Handed | Told) -> bytes:
    """A message as it goes over the socket."""
    content = _encode(message)
    return _LENGTH.pack(len(content)) + content


def read_handed(content: bytes) -> Handed:
    """Raises ``Malformed``."""
    return _read(_handed, content)


def read_told(content: bytes) -> Told:
    """Raises ``Malformed``."""
    return _read(_told, content)


def _read(decoder: msgspec.msgpack.Decoder[list[_Row]], content: bytes) -> list[_Row]:
    try:
        return decoder.decode(content)
    except msgspec.MsgspecError as error:
        raise Malformed from error


class Frames:
    """Cuts a stream of bytes into the contents of its frames."""

    def __init__(self) -> None:
        self._left = bytearray()

    def cut(self, data: bytes) -> Sequence[bytes]:
        """Those that are whole by now. Raises ``Malformed``."""
        left = self._left
        left += data
        found, at = [], 0
        while len(left) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(left, at)
            if length > LONGEST:
                raise Malformed
            end = at + _LENGTH.size + length
            if len(left) < end:
                break
            found.append(bytes(left[at + _LENGTH.size : end]))
            at = end
        del left[:at]
        return found


def spelled(outcome: Outcome) -> tuple[int, float]:
    """An outcome as it is told."""
    if isinstance(outcome, int):
        return outcome, 0.0
    if isinstance(outcome, RateLimited):
        return Refusal.RATE, outcome.wait
    if isinstance(outcome, Overloaded):
        return Refusal.OVERLOADED, 0.0
    if isinstance(outcome, StoreUnavailable):
        return Refusal.UNAVAILABLE, 0.0
    if isinstance(outcome, NotTaken):
        return Refusal.NOT_TAKEN, 0.0
    return Refusal.NAMED_ELSEWHERE, 0.0


def outcome_of(count: int, wait: float) -> Outcome:
    """The outcome that was told so. Raises ``Malformed``."""
    if count >= 0:
        return count
    if count == Refusal.RATE:
        return RateLimited(wait)
    refused = _REFUSED.get(count)
    if refused is None:
        raise Malformed
    return refused()


_REFUSED: dict[int, type[Exception]] = {
    Refusal.NAMED_ELSEWHERE: Unnamed,
    Refusal.OVERLOADED: Overloaded,
    Refusal.UNAVAILABLE: StoreUnavailable,
    Refusal.NOT_TAKEN: NotTaken,
}
