"""Reads the common stream into the window of this process, in its order (contract §8)."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from typing import Any

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from telemetry.events import counters
from telemetry.events.broadcaster import Broadcaster
from telemetry.events.entries import What, group_of, unpack
from telemetry.events.groups import Group, Mark
from telemetry.events.publisher import STREAM_ENTRIES
from telemetry.events.stream_scripts import ADD, HEAD, ORIGIN, STREAM

logger = logging.getLogger(__name__)

BLOCK_MS = 500
AT_ONCE = 200
RETRY_SECS = 0.25
# How long entries may gather while nobody reads events: to read many at once costs little more
# than to read one.
REST_SECS = 0.02


class Follower(threading.Thread):
    """One thread. While Redis is away it says so, and comes back by itself.

    ``erased_elsewhere`` is told the personas whose feedback other nodes erased.

    What is not certain to be whole is begun anew, and readers are told of one gap: entries that
    were cut off before they were read (``count`` shows the hole), events that another node had
    to drop, and a stream that was lost and begun again (another ``epoch``).
    """

    def __init__(
        self,
        client: Redis,
        target: Broadcaster,
        origin: str,
        erased_elsewhere: Callable[[str], None],
    ) -> None:
        super().__init__(name="arw-events-follower", daemon=True)
        self._client = client
        self._script = client.register_script(ADD)
        self._target = target
        self._origin = origin
        self._erased_elsewhere = erased_elsewhere
        self._closing = threading.Event()
        self._joined = threading.Event()
        self._epoch: str | None = None
        self._count: int | None = None
        self._last = "0-0"

    def wait_joined(self, seconds: float) -> bool:
        """Whether it has read all that was there, within that time."""
        return self._joined.wait(seconds)

    def close(self) -> None:
        """End it, after the read under way."""
        self._closing.set()
        if self.is_alive():
            self.join(2 * BLOCK_MS / 1000)

    def run(self) -> None:
        failing = False
        while not self._closing.is_set():
            try:
                self._join_stream()
                self._say(degraded=False)
                if failing:
                    logger.info("events_followed_again")
                failing = False
                self._joined.set()
                while not self._closing.is_set() and self._read(BLOCK_MS):
                    self._target.wait_for_readers(REST_SECS)
            except RedisError as error:
                if self._closing.is_set():
                    return
                self._say(degraded=True)
                if not failing:
                    failing = True
                    logger.error("events_not_followed", extra={"error": type(error).__name__})
                self._closing.wait(RETRY_SECS)

    def _say(self, *, degraded: bool) -> None:
        counters.DEGRADED.set(degraded)
        self._target.set_degraded(degraded)

    def _join_stream(self) -> None:
        """Find where the stream stands, beginning it where there is none; read what is there."""
        keys = [HEAD, STREAM, ORIGIN + self._origin]
        arguments: list[str | int] = [secrets.token_hex(8), STREAM_ENTRIES, "", 0]
        epoch, count, _ = self._script(keys, arguments)
        if epoch.decode() != self._epoch:
            self._last = "0-0"
        while self._read(None):
            pass
        if self._epoch != epoch.decode():
            # All entries were cut off: what comes next is known, and nothing before it.
            info: dict[str, Any] = self._client.xinfo_stream(STREAM)
            self._last = info["last-generated-id"].decode()
            self._begin(epoch.decode(), _mark(self._last))
            self._count = int(count)

    def _read(self, block: int | None) -> bool:
        """Take what comes. False when there is nothing more at once, or the stream is another."""
        found: Any = self._client.xread({STREAM: self._last}, count=AT_ONCE, block=block)
        if not found:
            if block is None:
                return False
            return self._client.hget(HEAD, "epoch") == (self._epoch or "").encode()
        # RESP 2 answers a list of pairs, RESP 3 a mapping with one more list around the entries.
        entries = found[0][1] if isinstance(found, list) else next(iter(found.values()))[0]
        for identity, fields in entries:
            self._take(identity.decode(), fields)
        return True

    def _take(self, identity: str, fields: dict[bytes, bytes]) -> None:
        mark = _mark(identity)
        epoch, count = fields[b"e"].decode(), int(fields[b"c"])
        if epoch != self._epoch or count != (self._count or 0) + 1:
            self._begin(epoch, mark)
        self._count, self._last = count, identity
        if b"b" in fields:
            try:
                self._deliver(mark, fields[b"b"])
            except msgspec.MsgspecError:
                # Not of our making, or of a version to come: passed over, and told as a gap.
                logger.error("event_entry_unreadable")
                self._begin(epoch, mark)

    def _begin(self, epoch: str, mark: Mark) -> None:
        self._epoch = epoch
        self._target.begin_anew(epoch, (*mark, 0))

    def _deliver(self, mark: Mark, entry: bytes) -> None:
        index = 1
        groups: list[tuple[Group, Mark | None]] = []
        for item in unpack(entry):
            if item.what in (What.EVENT, What.FEEDBACK):
                groups.append((group_of(item), (*mark, index)))
                index += item.count
                continue
            if groups:
                self._target.deliver(groups)
                groups = []
            if item.what is What.RIGHTS and item.actor != self._origin:
                self._target.judge_anew()
            elif item.what is What.FORGET:
                self._target.empty(item.persona_id, item.actor or None, item.time)
                if item.topic != self._origin:
                    self._erased_elsewhere(item.persona_id)
            elif item.what is What.LOST:
                self._target.begin_anew(self._epoch or "", (*mark, index - 1))
        if groups:
            self._target.deliver(groups)


def _mark(identity: str) -> Mark:
    milliseconds, _, number = identity.partition("-")
    return int(milliseconds), int(number)
