-- The lease on reading the sources, and the texts that the sources keep.
--
-- KEYS  lease, fence, texts
-- ARGV  operation, then for acquire: the id of the process, and the life of the lease in ms; for renew
--       and release: the token, and the life; for put: the token or '', the name, the text
--       and, if it must still be there, the text before
--
-- The token of each lease is unique, because it contains the id of the process, even if a flush or a
-- failover makes the number start again. The fence is the token of the newest lease: events and
-- texts under another one are refused.

local lease, fence, texts = KEYS[1], KEYS[2], KEYS[3]
local operations = {}

function operations.acquire()
  local left = redis.call('PTTL', lease)
  if left > 0 and left <= tonumber(ARGV[3]) then return '' end -- more is left if the clock of the server went back
  local number, id = string.match(redis.call('GET', fence) or '', '^(%d+):(.*)$')
  if id ~= ARGV[2] then number = tonumber(number or 0) + 1 end -- else no other process has had the lease meanwhile
  local token = string.format('%.0f', number) .. ':' .. ARGV[2]
  redis.call('SET', fence, token)
  redis.call('SET', lease, token, 'PX', ARGV[3])
  return token
end

-- renew succeeds also if the lease has expired and no other process has acquired it.
function operations.renew()
  if redis.call('GET', fence) ~= ARGV[2] then return '' end
  redis.call('SET', lease, ARGV[2], 'PX', ARGV[3])
  return ARGV[2]
end

function operations.release()
  if redis.call('GET', lease) == ARGV[2] then redis.call('DEL', lease) end
  return ''
end

function operations.put()
  if ARGV[2] ~= '' and redis.call('GET', fence) ~= ARGV[2] then return '' end
  if ARGV[5] then
    local now = redis.call('HGET', texts, ARGV[3]) or ''
    if now ~= ARGV[5] then return now == ARGV[4] and 'OK' or '' end
  end
  redis.call('HSET', texts, ARGV[3], ARGV[4])
  return 'OK'
end

return operations[ARGV[1]]()
