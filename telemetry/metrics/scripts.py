"""What Redis does for the metrics, each in one step for all personas of a flush (contract §7).

Keys, all under one prefix that names the half-life, so that two half-lives never mix:

- ``epoch``: a hash ``{gen, since}``, made when it is missing. It never expires; that it is gone
  tells that Redis lost its data, and the counters begin anew with a new ``since``.
- ``persona:<id>``: a hash ``{gen, since, not_before?, newest?, names, sums of signals}``. One
  of another epoch counts as absent. What is older than ``not_before`` counts no more. It expires ``ttl`` after its last change, so one that is absent
  has counted nothing for that long: it counts since then, or since the epoch.
- ``recent``: a sorted set of the persona ids by when they were counted last.

A sum's field is named ``s``, eleven digits of its rank, ``:`` and the signal; ``o`` is other. It
holds ten doubles as they are: the count, then step, sum and rest of the weight, of the weight of
what carries a strength, and of the strengths (``telemetry.metrics.decay``). Texts have 17 digits.
Instants come from the callers, whose clocks are expected to agree to within a second.
"""

_SHARED = """
local function epoch(key, recent, now, gen)
  local known = redis.call('HMGET', key, 'gen', 'since')
  if known[1] then return known[1], known[2] end
  redis.call('HSET', key, 'gen', gen, 'since', now)
  redis.call('DEL', recent)
  return gen, now
end

local function later(a, b)
  if tonumber(a) > tonumber(b) then return a end
  return b
end

-- Since when a persona counts that has no hash in this epoch.
local function unheld(since, now, ttl)
  return later(since, string.format('%.17g', tonumber(now) - tonumber(ttl)))
end

local function begin(key, gen, since)
  redis.call('DEL', key)
  redis.call('HSET', key, 'gen', gen, 'since', since, 'names', 0)
end
"""

RECORD = (
    _SHARED
    + """
-- KEYS: epoch, recent, a key for each persona
-- ARGV: now, gen, ttl, step, share, packed [id, position, strength, signal,
--       [field, count, valued, value, ...]] for each persona, most names told apart
-- Returns the places (from 1) of the personas that it does not count for.
local now, ttl = ARGV[1], ARGV[3]
local step, share = tonumber(ARGV[4]), tonumber(ARGV[5])

local DOUBLES = '<dddddddddd'
local function parse(packed)
  return packed and {struct.unpack(DOUBLES, packed)} or {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
end

local function less(number) -- a power of two; 0 for what no number can hold
  if number < -1100 then return 0 end
  return math.ldexp(1, number)
end

-- Three numbers from place i on are a step, a sum as of it, and what rounding took from the sum.
local function plus(sum, i, at, high, rest)
  if sum[i + 1] == 0 and sum[i + 2] == 0 then
    sum[i], sum[i + 1], sum[i + 2] = at, high, rest
    return
  end
  if at > sum[i] then
    local fewer = less(sum[i] - at)
    sum[i], sum[i + 1], sum[i + 2] = at, sum[i + 1] * fewer, sum[i + 2] * fewer
  elseif at < sum[i] then
    local fewer = less(at - sum[i])
    high, rest = high * fewer, rest * fewer
  end
  local total = sum[i + 1]
  local after = total + high
  local seen = after - total
  sum[i + 1] = after
  sum[i + 2] = sum[i + 2] + rest + ((total - (after - seen)) + (high - seen))
end

local function add(sum, count, valued, value)
  sum[1] = sum[1] + count
  plus(sum, 2, step, count * share, 0)
  if valued > 0 then
    plus(sum, 5, step, valued * share, 0)
    plus(sum, 8, step, value * share, 0)
  end
end

local function merge(sum, other)
  sum[1] = sum[1] + other[1]
  for i = 2, 8, 3 do
    if other[i + 1] ~= 0 then plus(sum, i, other[i], other[i + 1], other[i + 2]) end
  end
end

-- Byte by byte, whatever the server's locale says about alphabets.
local function after(a, b)
  for i = 1, math.max(#a, #b) do
    local x, y = string.byte(a, i) or -1, string.byte(b, i) or -1
    if x ~= y then return x > y end
  end
  return false
end

local function newer(group, known)
  if not known then return true end
  local at, position, strength, signal = string.match(known, '^(%S+) (%S+) (%S+) (.*)$')
  if at ~= now then return tonumber(now) > tonumber(at) end
  if group[2] ~= tonumber(position) then return group[2] > tonumber(position) end
  if group[4] ~= signal then return after(group[4], signal) end
  return group[3] > tonumber(strength)
end

-- The fields of the signals that are told apart: those stored, and those about to be.
local function told_apart(key, sums)
  local kept = {}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.byte(field) == 115 and string.byte(field, 13) == 58 then kept[field] = true end
  end
  for field in pairs(sums) do if field ~= 'o' then kept[field] = true end end
  return kept
end

-- Puts the sum of a new signal, or that of the last one told apart, under other; returns the
-- field that the new signal counts under.
local function displace(key, field, sums, kept)
  local last
  for name in pairs(kept) do if not last or after(name, last) then last = name end end
  if not sums.o then sums.o = parse(redis.call('HGET', key, 'o')) end
  if after(field, last) then return 'o' end
  merge(sums.o, sums[last] or parse(redis.call('HGET', key, last)))
  redis.call('HDEL', key, last)
  sums[last], kept[last], kept[field] = nil, nil, true
  return field
end

local function count(key, group, known)
  local sums, names, given, kept = {}, tonumber(known[3]), group[5], nil
  for i = 1, #given, 4 do
    local field, stored = given[i], known[4 + (i + 3) / 4]
    -- What another name of this call displaced is no longer stored.
    if kept and stored and field ~= 'o' and not kept[field] then stored = false end
    if not stored and field ~= 'o' then
      if names < tonumber(ARGV[7]) then
        names = names + 1
      else
        kept = kept or told_apart(key, sums)
        field = displace(key, field, sums, kept)
      end
    end
    if not sums[field] then sums[field] = parse(stored) end
    add(sums[field], given[i + 1], given[i + 2], given[i + 3])
  end
  local changed = {'names', names}
  for field, sum in pairs(sums) do
    changed[#changed + 1] = field
    changed[#changed + 1] = struct.pack(DOUBLES, unpack(sum))
  end
  if newer(group, known[4]) then
    changed[#changed + 1] = 'newest'
    changed[#changed + 1] = now .. string.format(' %d %.17g ', group[2], group[3]) .. group[4]
  end
  redis.call('HSET', key, unpack(changed))
end

local gen, since = epoch(KEYS[1], KEYS[2], now, ARGV[2])
local refused, recent = {}, {}
for i, group in ipairs(cmsgpack.unpack(ARGV[6])) do
  local key, wanted = KEYS[i + 2], {'gen', 'not_before', 'names', 'newest'}
  for j = 1, #group[5], 4 do wanted[#wanted + 1] = group[5][j] end
  local known = redis.call('HMGET', key, unpack(wanted))
  if known[1] ~= gen then
    begin(key, gen, unheld(since, now, ttl))
    known = redis.call('HMGET', key, unpack(wanted))
  end
  if known[2] and tonumber(now) < tonumber(known[2]) then
    refused[#refused + 1] = i
  else
    count(key, group, known)
    redis.call('EXPIRE', key, ttl)
    recent[#recent + 1] = now
    recent[#recent + 1] = group[1]
  end
end
for i = 1, #recent, 1000 do
  redis.call('ZADD', KEYS[2], 'GT', unpack(recent, i, math.min(i + 999, #recent)))
end
return refused
"""
)

READ = (
    _SHARED
    + """
-- KEYS: epoch, recent, a key for each persona; ARGV: now, gen, ttl
-- Returns for each persona its since and its fields; changes nothing but a missing epoch.
local gen, since = epoch(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
local found = {}
for i = 3, #KEYS do
  local known = redis.call('HMGET', KEYS[i], 'gen', 'since')
  if known[1] == gen then
    found[i - 2] = {known[2], redis.call('HGETALL', KEYS[i])}
  else
    found[i - 2] = {unheld(since, ARGV[1], ARGV[3]), {}}
  end
end
return found
"""
)

RECENT = """
-- KEYS: recent; ARGV: how many, the oldest instant that still counts
-- Returns the ids of the personas that were counted last, the latest first.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2])
return redis.call('ZREVRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1)
"""

RESTART = (
    _SHARED
    + """
-- KEYS: epoch, recent, a key for each persona
-- ARGV: now, gen, ttl, packed instants: what was missed last of each persona
-- Begins those anew that count since before what was missed.
local now, ttl = ARGV[1], ARGV[3]
local gen, since = epoch(KEYS[1], KEYS[2], now, ARGV[2])
for i, missed in ipairs(cmsgpack.unpack(ARGV[4])) do
  local key = KEYS[i + 2]
  local known = redis.call('HMGET', key, 'gen', 'since')
  local begun = known[1] == gen and known[2] or unheld(since, now, ttl)
  if tonumber(begun) <= missed then
    begin(key, gen, later(now, begun))
    -- A call that was given up may still reach Redis.
    redis.call('HSET', key, 'not_before', now)
    redis.call('EXPIRE', key, ttl)
  end
end
"""
)

RESTART_ALL = """
-- KEYS: epoch, recent; ARGV: now, gen, the instant of what was missed last
-- Begins everything anew, unless it counts since after what was missed.
local since = redis.call('HGET', KEYS[1], 'since')
if not since or tonumber(since) <= tonumber(ARGV[3]) then
  redis.call('HSET', KEYS[1], 'gen', ARGV[2], 'since', ARGV[1])
  redis.call('DEL', KEYS[2])
end
"""
