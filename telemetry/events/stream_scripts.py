"""What Redis does in one step when a node adds to the common stream.

``head`` is a hash: ``epoch`` names the life of the stream, which ends when its data is lost;
``count`` numbers its entries without a hole, so that a reader knows when it missed one. The first
entry of a life is empty and has the number 0. ``origin`` holds the number of the last entry that
a node added, so that an entry whose answer was lost is not added twice.
"""

HEAD, STREAM, ORIGIN = "{arw:events}:head", "{arw:events}:stream", "{arw:events}:origin:"

# KEYS: head, stream, origin. ARGV: an epoch to begin with, the greatest length, the id before
# which entries may go (or empty), the number of the first entry, and the entries.
ADD = """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch or redis.call('EXISTS', KEYS[2]) == 0 then
  epoch = ARGV[1]
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'count', 0)
  redis.call('XADD', KEYS[2], '*', 'e', epoch, 'c', 0)
end
local last = ''
if #ARGV > 4 then
  local known = tonumber(redis.call('GET', KEYS[3]) or '0')
  local number = tonumber(ARGV[4])
  for i = 5, #ARGV do
    if number > known then
      local count = redis.call('HINCRBY', KEYS[1], 'count', 1)
      last = redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*',
        'e', epoch, 'c', count, 'b', ARGV[i])
      known = number
    end
    number = number + 1
  end
  redis.call('SET', KEYS[3], known, 'EX', 86400)
end
if ARGV[3] ~= '' then
  redis.call('XTRIM', KEYS[2], 'MINID', '~', ARGV[3])
end
return {epoch, redis.call('HGET', KEYS[1], 'count'), last}
"""
