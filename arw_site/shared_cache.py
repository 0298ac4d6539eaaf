"""The cache that nodes share, which a node can do without: failed sign-ins are counted there (§1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from telemetry.redis_link import TIMEOUT_SECONDS, RedisLink, link_to

_OPERATIONS = (
    "add", "get", "set", "touch", "delete", "get_many", "set_many", "delete_many", "has_key",
    "incr", "clear",
)  # fmt: skip

OWN_ENTRIES = 20_000


class SharedCache(RedisCache):
    """Redis; while it does not answer, the memory of this process.

    It goes by the same breaker as the metrics: one call waits for half a second at most, those
    after it do not wait at all. What is counted meanwhile is counted for each process alone.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
            **params.get("OPTIONS", {}),
        }
        super().__init__(server, {**params, "OPTIONS": options})
        self._link: RedisLink = link_to(server)
        # As many as the file cache of one node: a flood of names shall not push a count out.
        self._own = LocMemCache(f"instead of {server}", {"OPTIONS": {"MAX_ENTRIES": OWN_ENTRIES}})


def _either(name: str) -> Callable[..., Any]:
    shared = getattr(RedisCache, name)

    def operation(self: SharedCache, *arguments: Any, **more: Any) -> Any:
        if not self._link.down:
            try:
                return shared(self, *arguments, **more)
            except RedisError as error:
                self._link.fail(error)
        if name == "incr":
            # What stood in Redis a moment ago is counted on here from nothing.
            self._own.add(arguments[0], 0)
        return getattr(self._own, name)(*arguments, **more)

    return operation


for _name in _OPERATIONS:
    setattr(SharedCache, _name, _either(_name))
