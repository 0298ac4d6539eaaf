"""Token buckets in the Redis that all nodes share; a node's own while it does not answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from telemetry.rates.buckets import Limits, MemoryBuckets, Wanted
from telemetry.redis_link import LinkDown, RedisLink

_TAKE = """
-- KEYS: buckets; ARGV: now, rate of principals, rate of personas, packed {limits, wanted}:
--       for each bucket 1 or 2, which rate is its own; for each request the places of its two
-- Returns the seconds to wait as a text for each request, empty where it may pass.
local now, rates = tonumber(ARGV[1]), {tonumber(ARGV[2]), tonumber(ARGV[3])}
local kinds, wanted = unpack(cmsgpack.unpack(ARGV[4]))
local stored, taken, at = redis.call('MGET', unpack(KEYS)), {}, {}
for i, kind in ipairs(kinds) do
  taken[i], at[i] = 0, now
  if stored[i] then
    taken[i], at[i] = struct.unpack('<dd', stored[i])
    if now > at[i] then
      taken[i] = math.max(0, taken[i] - (now - at[i]) * rates[kind] / 60)
      at[i] = now
    end
  end
end
local waits, touched = {}, {}
for i = 1, #wanted, 2 do
  local one, two = wanted[i], wanted[i + 1]
  local over, beyond = taken[one] + 1 - rates[1], taken[two] + 1 - rates[2]
  if over > 0 or beyond > 0 then
    waits[#waits + 1] = string.format('%.17g', math.max(over * 60 / rates[1], beyond * 60 / rates[2]))
  else
    taken[one], taken[two] = taken[one] + 1, taken[two] + 1
    touched[one], touched[two] = true, true
    waits[#waits + 1] = ''
  end
end
for i in pairs(touched) do
  -- Full after a minute; the rest is for clocks that do not agree.
  redis.call('SET', KEYS[i], struct.pack('<dd', taken[i], at[i]), 'EX', 120)
end
return waits
"""
_GIVE_BACK = """
-- KEYS: buckets; ARGV: how many tokens go back into each
for i, key in ipairs(KEYS) do
  local stored = redis.call('GET', key)
  if stored then
    local taken, at = struct.unpack('<dd', stored)
    redis.call('SET', key, struct.pack('<dd', math.max(0, taken - tonumber(ARGV[i])), at), 'KEEPTTL')
  end
end
"""
# Lua passes at most some thousands of values on at once.
REQUESTS_PER_CALL = 1000


class RedisBuckets:
    """The same buckets for every node, taken from by one script call per group of requests."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._own = MemoryBuckets()

    def take(self, wanted: Sequence[Wanted], limits: Limits, now: float) -> list[float | None]:
        """For each request, in this order, None where it may pass, or the seconds to wait."""
        waits: list[float | None] = []
        for start in range(0, len(wanted), REQUESTS_PER_CALL):
            part = wanted[start : start + REQUESTS_PER_CALL]
            try:
                waits += self._take(part, limits, now)
            except LinkDown:
                waits += self._own.take(part, limits, now)
        return waits

    def give_back(self, wanted: Sequence[Wanted], limits: Limits, now: float) -> None:
        """Undo what ``take`` let pass for these requests."""
        for start in range(0, len(wanted), REQUESTS_PER_CALL):
            part = wanted[start : start + REQUESTS_PER_CALL]
            tokens = Counter(key for one in part for key in _keys(*one))
            try:
                self._link.call(_GIVE_BACK, list(tokens), list(tokens.values()))
            except LinkDown:
                self._own.give_back(part, limits, now)

    def _take(self, wanted: Sequence[Wanted], limits: Limits, now: float) -> list[float | None]:
        places: dict[str, int] = {}
        kinds: list[int] = []
        asked: list[int] = []
        for principal, persona in wanted:
            for kind, key in enumerate(_keys(principal, persona), 1):
                place = places.get(key)
                if place is None:
                    place = places[key] = len(places) + 1
                    kinds.append(kind)
                asked.append(place)
        packed = msgspec.msgpack.encode((kinds, asked))
        arguments = (repr(now), limits.principal, limits.persona, packed)
        found = self._link.call(_TAKE, list(places), arguments)
        return [float(one) if one else None for one in found]


def _keys(principal: str, persona: str) -> tuple[str, str]:
    return f"arw:rate:principal:{principal}", f"arw:rate:persona:{persona}"
