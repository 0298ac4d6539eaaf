"""Token buckets: how many requests a minute a principal may make, and a persona may get
(contract §7). Knows no Django.

A bucket holds one minute's worth and fills evenly, so a client that sends a whole minute's
requests at once is served, and goes on at the steady rate. A request takes one token from its
principal's bucket and one from its persona's, or none where either is empty: who is refused pays
nothing. Tokens of requests that turn out to be not allowed at all are given back, so that nobody
empties a bucket that they may not use.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MINUTE = 60.0

Wanted = tuple[str, str]
"""Whose request, and for which persona: the principal's id and the persona's."""


class Limits(NamedTuple):
    """Requests a minute, at least 1 each."""

    principal: int
    persona: int


@dataclass(slots=True)
class _Bucket:
    taken: float
    at: float


class _Buckets:
    """Buckets of one kind by name. One that nobody touched for a minute is full, and let go."""

    def __init__(self) -> None:
        self._recent: dict[str, _Bucket] = {}
        self._before: dict[str, _Bucket] = {}
        self._turned = 0.0

    def bucket(self, name: str, rate: int, now: float) -> _Bucket:
        """The bucket as of ``now``; a clock that goes back fills nothing."""
        found = self._recent.get(name)
        if found is None:
            found = self._before.pop(name) if name in self._before else _Bucket(0.0, now)
            self._recent[name] = found
        if now > found.at:
            found.taken = max(0.0, found.taken - (now - found.at) * rate / MINUTE)
            found.at = now
        return found

    def turn(self, now: float) -> None:
        """Let go of what is full, every other minute."""
        if now >= self._turned + MINUTE:
            self._before, self._recent, self._turned = self._recent, {}, now

    def __len__(self) -> int:
        return len(self._recent) + len(self._before)


class MemoryBuckets:
    """The buckets of one process, safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._principals = _Buckets()
        self._personas = _Buckets()

    def take(self, wanted: Sequence[Wanted], limits: Limits, now: float) -> list[float | None]:
        """For each request, in this order, None where it may pass, or the seconds to wait."""
        with self._lock:
            self._principals.turn(now)
            self._personas.turn(now)
            return [self._take_one(*one, limits, now) for one in wanted]

    def give_back(self, wanted: Sequence[Wanted], limits: Limits, now: float) -> None:
        """Undo what ``take`` let pass for these requests."""
        with self._lock:
            for principal, persona in wanted:
                one = self._principals.bucket(principal, limits.principal, now)
                two = self._personas.bucket(persona, limits.persona, now)
                one.taken, two.taken = max(0.0, one.taken - 1.0), max(0.0, two.taken - 1.0)

    def __len__(self) -> int:
        """How many buckets are held."""
        with self._lock:
            return len(self._principals) + len(self._personas)

    def _take_one(self, principal: str, persona: str, limits: Limits, now: float) -> float | None:
        one = self._principals.bucket(principal, limits.principal, now)
        two = self._personas.bucket(persona, limits.persona, now)
        over = one.taken + 1.0 - limits.principal
        beyond = two.taken + 1.0 - limits.persona
        if over > 0.0 or beyond > 0.0:
            return max(over * MINUTE / limits.principal, beyond * MINUTE / limits.persona)
        one.taken += 1.0
        two.taken += 1.0
        return None
