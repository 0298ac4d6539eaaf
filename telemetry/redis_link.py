"""The way to the Redis that nodes share: scripts only, short waits, and a breaker.

What takes feedback must never wait for Redis. The first failure opens the breaker: from then on
every call fails at once, without touching the network, while a thread of its own knocks once a
second and closes the breaker when Redis answers again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 1.0

Settle = Callable[[], bool]


class LinkDown(Exception):
    """Redis does not answer, or did not a moment ago."""


class RedisLink:
    """Calls scripts on one Redis; safe to use from any thread. It connects when it is first used.

    ``lock`` guards whether the link is up: who does something else while it is down decides that
    under the lock, so that nothing slips through as it comes back.
    """

    def __init__(
        self, url: str, *, timeout: float = TIMEOUT_SECONDS, pause: float = PAUSE_SECONDS
    ) -> None:
        self._client = Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        self._pause = pause
        self._scripts: dict[str, Any] = {}
        self._settlers: list[Settle] = []
        self._closing = threading.Event()
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self._down = False

    @property
    def down(self) -> bool:
        """Whether calls fail at once."""
        return self._down

    def on_recovery(self, settle: Settle) -> None:
        """Have ``settle`` called when Redis answers again, before the breaker closes.

        It uses ``knock`` and returns whether nothing is left to settle. It may be called again.
        """
        self._settlers.append(settle)

    def call(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What the script returns. Raises ``LinkDown``; whether it ran is then unknown."""
        if self._down:
            raise LinkDown
        try:
            return self.knock(script, keys, arguments)
        except RedisError as error:
            self.fail(error)
            raise LinkDown from error

    def knock(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """The same whether the breaker is open or not. Raises ``RedisError``."""
        known = self._scripts.get(script)
        if known is None:
            known = self._scripts[script] = self._client.register_script(script)
        return known(keys, arguments)

    def fail(self, error: RedisError | None = None) -> None:
        """Open the breaker; it closes by itself once Redis answers and all is settled."""
        with self.lock:
            if self._down or self._closing.is_set():
                return
            self._down = True
            self._changed.notify_all()
            threading.Thread(target=self._recover, name="arw-redis", daemon=True).start()
        logger.error("redis_lost", extra={"error": type(error).__name__, "reason": str(error)})

    def wait_for(self, *, down: bool, timeout: float) -> bool:
        """Wait until the breaker is open, or closed; returns whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._down == down, timeout)

    def close(self) -> None:
        """Let go of the connections, and knock no more."""
        self._closing.set()
        self._client.close()

    def _recover(self) -> None:
        while not self._closing.wait(self._pause):
            try:
                self._client.ping()
                if self._settled():
                    logger.info("redis_recovered")
                    return
            except RedisError:
                continue

    def _settled(self) -> bool:
        # What is missed while the first round is under way, the second one settles in the lock.
        for settle in self._settlers:
            settle()
        with self.lock:
            if not all(settle() for settle in self._settlers):
                return False
            self._down = False
            self._changed.notify_all()
            return True


@cache
def link_to(url: str) -> RedisLink:
    """The process's one link to the Redis at ``url``."""
    return RedisLink(url)
