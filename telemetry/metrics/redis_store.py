"""Metrics in the Redis that all nodes share (contract §7). Knows no Django."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec

from telemetry.metrics import scripts
from telemetry.metrics.decay import instant
from telemetry.metrics.interface import Metrics
from telemetry.metrics.memory import MemoryMetrics
from telemetry.metrics.naming import SIGNALS_MAX
from telemetry.metrics.stored import group_of, metrics_of
from telemetry.metrics.summary import Snapshot
from telemetry.metrics.tally import Tally
from telemetry.redis_link import LinkDown, RedisLink

# Counters of a persona that nobody spoke of for so long are let go, and count since then.
TTL_SECONDS = 90 * 86_400
MISSED_MAX = 10_000
# Sums changed in one call: a call is to be over long before others time out waiting for it.
SUMS_PER_CALL = 5_000
# Instants of what was missed: an erasure counts as missed for ever.
_NEVER = -1.0
_ALWAYS = 1e18


class RedisMetrics(Metrics):
    """The same counters for every node, changed by one script call per flush.

    While Redis does not answer, this node counts for itself, from nothing. When it answers again,
    the personas whose samples it was not told of begin anew, and all do where it lost its data:
    what is shown was counted wholly since its ``since``.
    """

    def __init__(
        self, link: RedisLink, half_life: int | None, *, missed_max: int = MISSED_MAX
    ) -> None:
        self.link = link
        self._half_life = half_life
        self._prefix = f"arw:metrics:{half_life or 'off'}:"
        self._shared_keys = [f"{self._prefix}epoch", f"{self._prefix}recent"]
        self._missed: dict[str, float] = {}  # the last instant missed, by persona
        self._missed_max = missed_max
        self._missed_of_many = _NEVER
        self._alone: MemoryMetrics | None = None
        link.on_recovery(self._settle)

    def add(self, tallies: Mapping[str, Tally], now: datetime) -> frozenset[str]:
        moment = now.timestamp()
        at = instant(moment, self._half_life)
        head = [*self._head(moment), TTL_SECONDS, at.step, repr(at.share)]
        refused: set[str] = set()
        waiting = list(_calls(tallies))
        while waiting:
            groups = waiting[0]
            personas = [str(group[0]) for group in groups]
            arguments = [*head, msgspec.msgpack.encode(groups), SIGNALS_MAX]
            try:
                places = self.link.call(scripts.RECORD, self._keys(personas), arguments)
            except LinkDown:
                left = {str(group[0]) for call in waiting for group in call}
                return frozenset(refused | self._miss(tallies, left, now))
            refused.update(personas[place - 1] for place in places)
            waiting.pop(0)
        return frozenset(refused)

    def read(self, persona_id: str, now: datetime) -> tuple[Snapshot, datetime]:
        return self._read([persona_id], now)[persona_id]

    def read_many(
        self, persona_ids: Iterable[str], now: datetime
    ) -> dict[str, tuple[Snapshot, datetime]]:
        wanted = list(persona_ids)
        return self._read(wanted, now) if wanted else {}

    def read_recent(self, limit: int, now: datetime) -> dict[str, tuple[Snapshot, datetime]]:
        oldest = now.timestamp() - TTL_SECONDS
        try:
            found = self.link.call(scripts.RECENT, self._shared_keys[1:], [limit, repr(oldest)])
        except LinkDown:
            return self._by_itself(now).read_recent(limit, now)
        return self._read([one.decode() for one in found], now)

    def reset(self, persona_id: str, now: datetime) -> None:
        """While Redis does not answer, it is done as soon as it does."""
        moment = now.timestamp()
        try:
            self._restart({persona_id: _ALWAYS}, moment, self.link.call)
        except LinkDown:
            with self.link.lock:
                self._note(persona_id, _ALWAYS)
                self._by_itself(now).reset(persona_id, now)
                self.link.fail()

    def clear(self, now: datetime) -> None:
        """Start all counters anew. Raises ``LinkDown``."""
        head = self._head(now.timestamp())
        self.link.call(scripts.RESTART_ALL, self._shared_keys, [*head, repr(_ALWAYS)])

    # --- while Redis does not answer ----------------------------------------------------------

    def _by_itself(self, now: datetime) -> MemoryMetrics:
        with self.link.lock:
            if self._alone is None:
                self._alone = MemoryMetrics(self._half_life, now)
            return self._alone

    def _miss(self, tallies: Mapping[str, Tally], left: set[str], now: datetime) -> frozenset[str]:
        with self.link.lock:
            for persona_id in left:
                self._note(persona_id, now.timestamp())
            own = {persona_id: tallies[persona_id] for persona_id in left}
            refused = self._by_itself(now).add(own, now)
            # Redis may be back since: what it was not told is settled first.
            self.link.fail()
            return refused

    def _note(self, persona_id: str, moment: float) -> None:
        if persona_id in self._missed or len(self._missed) < self._missed_max:
            self._missed[persona_id] = max(self._missed.get(persona_id, _NEVER), moment)
        else:
            self._missed_of_many = max(self._missed_of_many, moment)

    def _settle(self) -> bool:
        """Have begun anew what Redis was not told of; returns whether nothing is left."""
        with self.link.lock:
            missed, self._missed = self._missed, {}
            many, self._missed_of_many = self._missed_of_many, _NEVER
        now = datetime.now(UTC).timestamp()  # after all that was missed
        try:
            if many != _NEVER:
                arguments = [*self._head(now), repr(many)]
                self.link.knock(scripts.RESTART_ALL, self._shared_keys, arguments)
            self._restart(missed, now, self.link.knock)
        except BaseException:
            with self.link.lock:
                self._missed_of_many = max(self._missed_of_many, many)
                for persona_id, moment in missed.items():
                    self._note(persona_id, moment)
            raise
        with self.link.lock:
            if self._missed or self._missed_of_many != _NEVER:
                return False
            self._alone = None
            return True

    def _restart(self, missed: Mapping[str, float], now: float, call: Any) -> None:
        for part in _chunks(list(missed), 1000):
            instants = msgspec.msgpack.encode([missed[one] for one in part])
            arguments = [*self._head(now), TTL_SECONDS, instants]
            call(scripts.RESTART, self._keys(part), arguments)

    # --- Redis --------------------------------------------------------------------------------

    def _head(self, moment: float) -> list[Any]:
        return [repr(moment), secrets.token_hex(8)]

    def _keys(self, personas: Sequence[str]) -> list[str]:
        return [*self._shared_keys, *(f"{self._prefix}persona:{one}" for one in personas)]

    def _read(self, personas: Sequence[str], now: datetime) -> dict[str, tuple[Snapshot, datetime]]:
        moment = now.timestamp()
        arguments = [*self._head(moment), TTL_SECONDS]
        try:
            found = self.link.call(scripts.READ, self._keys(personas), arguments)
        except LinkDown:
            alone = self._by_itself(now)
            return {persona_id: alone.read(persona_id, now) for persona_id in personas}
        return {
            persona_id: (
                metrics_of(fields).snapshot(moment, self._half_life),
                datetime.fromtimestamp(float(since), UTC),
            )
            for persona_id, (since, fields) in zip(personas, found, strict=True)
        }


def _calls(tallies: Mapping[str, Tally]) -> Iterator[list[list[Any]]]:
    call: list[list[Any]] = []
    sums = 0
    for persona_id, tally in tallies.items():
        call.append(group_of(persona_id, tally))
        sums += len(tally.signals)
        if sums >= SUMS_PER_CALL:
            yield call
            call, sums = [], 0
    if call:
        yield call


def _chunks(names: Sequence[str], size: int) -> Iterator[list[str]]:
    remaining = iter(names)
    while part := list(islice(remaining, size)):
        yield part
