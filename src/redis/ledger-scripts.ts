/**
 * The ledger in Lua. For each caller Redis holds an account (used in this minute and day, and reserved), its leases
 * ("nano stream tokens minute"), and their expiry. Each script first removes expired leases.
 */
const prelude = `
local account, expiries, leases, settled = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local minuteMs, id, tokens, nano, stream = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local dayMs = 86400000

local function get(field)
  return tonumber(redis.call('HGET', account, field) or 0)
end
local function set(field, value)
  redis.call('HSET', account, field, string.format('%.0f', value))
end
-- HINCRBY takes no "-0" and no "1e+15".
local function add(field, value)
  redis.call('HINCRBY', account, field, string.format('%.0f', 0 + value))
end
local function hold(leaseMs)
  redis.call('HSET', leases, id, string.format('%.0f %d %.0f %.0f', nano, stream, tokens, get('minuteEnds')))
  redis.call('ZADD', expiries, string.format('%.0f', now + leaseMs), id)
  for _, key in ipairs({ leases, expiries }) do redis.call('PEXPIRE', key, dayMs) end
  add('held', nano)
  add('streams', stream)
end
local function drop(lease)
  local held = redis.call('HGET', leases, lease)
  if not held then return nil end
  local heldNano, heldStream, heldTokens, minuteEnds = held:match('^(%d+) (%d+) (%d+) (%d+)$')
  redis.call('HDEL', leases, lease)
  redis.call('ZREM', expiries, lease)
  add('held', 0 - heldNano)
  add('streams', 0 - heldStream)
  return tonumber(minuteEnds)
end

for _, expired in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', string.format('%.0f', now))) do drop(expired) end
if get('minuteEnds') <= now then
  set('minuteEnds', now + minuteMs)
  set('tokens', 0)
end
if get('day') < math.floor(now / dayMs) then
  set('day', math.floor(now / dayMs))
  set('spent', 0)
end
redis.call('PEXPIRE', account, dayMs * 2)
`;

/** Returns the number of the exhausted limit (0: none), the tokens of this minute, and the rest of minute and day. */
export const reserveLua = `${prelude}
local leaseMs, maxTokens, maxStreams, maxNano = tonumber(ARGV[6]), ARGV[7], ARGV[8], ARGV[9]
local function isReached(value, max)
  return max ~= '' and value >= tonumber(max)
end
local shortage = 0
if isReached(get('tokens'), maxTokens) then shortage = 1
elseif stream == 1 and isReached(get('streams'), maxStreams) then shortage = 2
elseif isReached(get('spent'), maxNano) then shortage = 3
elseif isReached(get('spent') + get('held'), maxNano) then shortage = 4
else
  hold(leaseMs)
  add('tokens', tokens)
end
return { shortage, get('tokens'), get('minuteEnds') - now, dayMs - now % dayMs }
`;

/** What was reserved while Redis was unavailable is added from here on. */
export const renewLua = `${prelude}
local leaseMs = tonumber(ARGV[6])
if redis.call('EXISTS', settled) == 1 then return 0 end
if redis.call('HEXISTS', leases, id) == 1 then
  redis.call('ZADD', expiries, string.format('%.0f', now + leaseMs), id)
else
  hold(leaseMs)
end
return 1
`;

/** A lease that has expired, or was granted locally, counts all the same, but only once. */
export const settleLua = `${prelude}
local usedTokens, usedNano = tonumber(ARGV[6]), tonumber(ARGV[7])
if not redis.call('SET', settled, '1', 'NX', 'PX', 120000) then return 0 end
local minuteEnds = drop(id)
add('spent', usedNano)
local more = usedTokens - tokens
if minuteEnds ~= get('minuteEnds') then more = math.max(0, more) end
add('tokens', more)
return 1
`;

/** Tokens, streams and money of a caller. Removes nothing: expired leases are left out of the sum. */
export const balanceLua = `
local account, expiries, leases = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function get(field)
  return tonumber(redis.call('HGET', account, field) or 0)
end
local nano, streams = get('held'), get('streams')
for _, expired in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', string.format('%.0f', now))) do
  local held = redis.call('HGET', leases, expired) or '0 0'
  local heldNano, heldStream = held:match('^(%d+) (%d+)')
  nano, streams = nano - heldNano, streams - heldStream
end
if get('day') >= math.floor(now / 86400000) then nano = nano + get('spent') end
return { get('minuteEnds') > now and get('tokens') or 0, streams, nano }
`;
