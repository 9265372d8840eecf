-- All access to the log of one channel, except for lookups. A script runs as a whole or not at
-- all, so each operation sees and leaves one consistent state. The package comment explains
-- the keys.
--
-- KEYS  log, head, data, order, names, ids:0, ids:1, fence
-- ARGV  operation, schema, then the newest position that the caller has seen (epoch, offset,
--       nonce; epoch 0 if none), then the arguments of the operation

local log, head, data, order, names, fence = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[8]
local ids = {['0'] = KEYS[6], ['1'] = KEYS[7]}
local seen = {epoch = tonumber(ARGV[3]), offset = tonumber(ARGV[4]), nonce = ARGV[5]}

local settle = 3000    -- ms without reads and writes of events after a restart of the server
local window = 600000  -- ms for which an id is remembered at least

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- Lua writes large numbers as 1.2e+12.
local function digits(n) return string.format('%.0f', n) end

local function id(epoch, offset) return digits(epoch) .. '-' .. digits(offset) end

local function fields(flat)
  local f = {}
  for i = 1, #flat, 2 do f[flat[i]] = flat[i + 1] end
  return f
end

local function entry(raw)
  if not raw then return nil end
  local e = fields(raw[2])
  local epoch, offset = string.match(raw[1], '(%d+)-(%d+)')
  e.id, e.epoch, e.offset = raw[1], tonumber(epoch), tonumber(offset)
  return e
end

local info = redis.call('INFO', 'replication')
if string.find(info, 'role:slave', 1, true) then
  return redis.error_reply('READONLY the server is a replica')
end
local h = fields(redis.call('HGETALL', head))
-- Schema 1 is that of 2 without the field 't' of a record. Its field 'i' is no longer read.
if h.schema and h.schema ~= ARGV[2] and not (h.schema == '1' and ARGV[2] == '2') then
  return redis.error_reply('SCHEMA the log has schema ' .. h.schema .. ', this program knows ' .. ARGV[2])
end
h.epoch, h.offset, h.nonce = tonumber(h.epoch or 0), tonumber(h.offset or 0), h.nonce or ''
h.hold, h.confirmed = tonumber(h.hold or 0), h.confirmed or ''
h.ids, h.rotated = h.ids or '0', tonumber(h.rotated or now)

local newest = entry(redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1])

local function save()
  redis.call('HSET', head, 'schema', ARGV[2], 'epoch', digits(h.epoch), 'offset', digits(h.offset), 'nonce', h.nonce,
    'server', h.server, 'hold', digits(h.hold), 'confirmed', h.confirmed, 'ids', h.ids, 'rotated', digits(h.rotated))
end

-- intact reports whether the keys belong together. They don't if one of them was evicted.
local function intact()
  if h.epoch == 0 or h.offset == 0 then return h.epoch > 0 and not newest end
  return newest and newest.epoch == h.epoch and newest.offset == h.offset and redis.call('HEXISTS', data, newest.record .. 'm') == 1
end

-- contains reports whether the log is a continuation of what the caller has seen.
local function contains(p)
  if p.epoch ~= h.epoch then return p.epoch < h.epoch end
  if p.offset >= h.offset then return p.offset == 0 or p.offset == h.offset and p.nonce == h.nonce end
  local e = entry(redis.call('XRANGE', log, id(p.epoch, p.offset), '+', 'COUNT', 1)[1])
  if e.offset == p.offset then return e.nonce == p.nonce end
  return e.offset > p.offset + 1 or p.offset == 0 or e.previous == p.nonce
end

-- record returns what the server keeps of a record besides its content, or nil: the record's key,
-- the ids of its first and its last entry, and if it is erased, the name of the tombstone.
local function meta(record)
  local value = redis.call('HGET', data, record .. 'm')
  if not value then return nil end
  local m = {}
  m.first, m.last, m.erased, m.key = string.match(value, '^(%S+) (%S+) (%S*) (.*)$')
  return m
end

local function setMeta(record, m)
  redis.call('HSET', data, record .. 'm', m.first .. ' ' .. m.last .. ' ' .. m.erased .. ' ' .. m.key)
end

-- begin starts a new epoch with the events that are left.
local function begin()
  h.epoch, h.offset, h.nonce = math.max(now, h.epoch + 1, seen.epoch + 1, newest and newest.epoch + 1 or 0), 0, ''
  local started = {}
  for _, raw in ipairs(redis.call('XRANGE', log, '-', '+')) do
    local e = entry(raw)
    local m = meta(e.record)
    if m then
      h.offset = h.offset + 1
      local at = id(h.epoch, h.offset)
      redis.call('XADD', log, at, 'name', e.name, 'record', e.record, 'nonce', e.nonce, 'previous', h.nonce, 'time', e.time)
      if not started[e.record] then
        started[e.record], m.first = true, at
        if redis.call('ZSCORE', order, e.record) then redis.call('ZADD', order, h.offset, e.record) end
      end
      m.last, h.nonce = at, e.nonce
      setMeta(e.record, m)
    end
  end
  if h.offset == 0 then redis.call('DEL', log, data, order, names) else redis.call('XTRIM', log, 'MINID', id(h.epoch, 1)) end
end

-- held returns for how many ms events are neither read nor written.
local function held() return math.max(0, h.hold - now) end

-- inspect begins a new epoch if events are lost, or if some can be lost. After a restart of the server,
-- only a process that has seen the newest event before proves that the server has kept it. Its
-- confirmation counts for one run of the server.
local function inspect()
  local before, hold, confirmed = h.server, h.hold, h.confirmed
  h.server = string.match(info, 'master_replid:(%x+)') or ''
  local moved = before and before ~= h.server
  local promoted = moved and before == string.match(info, 'master_replid2:(%x+)')
  if moved or h.hold > now + settle then h.hold = now + settle end -- the clock may have gone back
  if h.hold > 0 and seen.epoch == h.epoch and seen.offset == h.offset and seen.nonce == h.nonce then h.confirmed = h.server end
  local ended = h.hold > 0 and held() == 0
  local doubtful = ended and h.confirmed ~= h.server
  if ended then h.hold = 0 end
  if promoted or doubtful or not intact() or not contains(seen) then
    begin()
    h.hold = 0
    save()
  elseif moved or h.hold ~= hold or h.confirmed ~= confirmed then
    save()
  end
end

local function lines(text)
  local list = {}
  for line in string.gmatch(text or '', '[^\n]+') do list[#list + 1] = line end
  return list
end

local function lookUp(field)
  return redis.call('HGET', ids[h.ids], field) or redis.call('HGET', ids[h.ids == '0' and '1' or '0'], field)
end

-- known returns what is known of a key: its record, the positions of the events that created and
-- erased it, and if it is erased, its names.
local function known(key)
  local state = lookUp(key)
  if state then return string.match(state, '^(%S+) (%S+) ?(%S*) ?(.*)$') end
end

-- remember stores the state of a key. If it is erased, its names are stored too, and lead to it: the
-- erased post must stay known by all of them when the log has dropped the tombstone. Of the two
-- hashes of ids, the older one is dropped as soon as the newer one has enough ids.
local function remember(key, record, created, erased, names, most)
  local state = record .. ' ' .. created
  if erased ~= '' then
    state = state .. ' ' .. erased .. ' ' .. names
    for _, name in ipairs(lines(names)) do
      if name ~= key then redis.call('HSET', ids[h.ids], '\n' .. name, key) end
    end
  end
  redis.call('HSET', ids[h.ids], key, state)
  if redis.call('HLEN', ids[h.ids]) >= most and now - h.rotated >= window then
    h.ids, h.rotated = h.ids == '0' and '1' or '0', now
    redis.call('UNLINK', ids[h.ids])
  end
end

-- setNames makes a record be found by the given names, and no others.
local function setNames(record, new)
  for _, name in ipairs(lines(redis.call('HGET', data, record .. 'n'))) do redis.call('ZREM', names, name .. '\n' .. record) end
  for _, name in ipairs(lines(new)) do redis.call('ZADD', names, 0, name .. '\n' .. record) end
  if new == '' then redis.call('HDEL', data, record .. 'n') else redis.call('HSET', data, record .. 'n', new) end
end

local function drop(record)
  setNames(record, '')
  redis.call('ZREM', order, record)
  redis.call('HDEL', data, record .. 'm', record .. 'd', record .. 'i', record .. 's', record .. 't')
end

-- trim removes the oldest entries, and the records that have no other entry.
local function trim(most)
  local excess = redis.call('XLEN', log) - most
  if excess <= 0 then return end
  local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', math.min(excess, 1000))
  for _, raw in ipairs(oldest) do
    local e = entry(raw)
    local m = meta(e.record)
    if m and m.last == e.id then drop(e.record) end
  end
  local last = entry(oldest[#oldest])
  redis.call('XTRIM', log, 'MINID', id(last.epoch, last.offset + 1))
end

-- add appends an event, which rewrites the earlier events of its record.
local function add(nonce, ev, mostIDs)
  local at = id(h.epoch, h.offset + 1)
  local record, created, erased = known(ev.key)
  local erase = ev.kind == 'erase'
  if not record or erased ~= '' then record, created = at, at end
  redis.call('XADD', log, at, 'name', ev.name, 'record', record, 'nonce', nonce, 'previous', h.nonce, 'time', digits(now))
  local m = meta(record)
  setMeta(record, {key = ev.key, first = m and m.first or at, last = at, erased = erase and ev.name or ''})
  redis.call('HSET', data, record .. 'd', ev.data)
  setNames(record, ev.names)
  redis.call('HDEL', data, record .. 'i')
  if erase or ev.found == '' then redis.call('HDEL', data, record .. 't') else redis.call('HSET', data, record .. 't', ev.found) end
  if erase or not string.find(ev.found, '^-?%d') then -- without a time, queries don't find it
    redis.call('ZREM', order, record)
  else
    if not redis.call('ZSCORE', order, record) then redis.call('ZADD', order, h.offset + 1, record) end
  end
  if erase or ev.state == '' then redis.call('HDEL', data, record .. 's') else redis.call('HSET', data, record .. 's', ev.state) end
  h.offset, h.nonce = h.offset + 1, nonce
  if ev.key ~= '' then remember(ev.key, record, created, erase and at or '', ev.names, mostIDs) end
  return at
end

-- storedBefore returns the ids of the events that an earlier try of the same append has stored.
local function storedBefore(nonce)
  local stored = {}
  for _, raw in ipairs(redis.call('XRANGE', log, id(seen.epoch, seen.offset + 1), '+')) do
    local e = entry(raw)
    if string.sub(e.nonce, 1, #nonce + 1) == nonce .. '.' then stored[e.nonce] = raw[1] end
  end
  return stored
end

-- tail returns the offset of the oldest entry, or of the next one if there is none.
local function tail()
  local oldest = entry(redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1])
  return oldest and oldest.offset or h.offset + 1
end

local operations = {}

-- append ARGV: a nonce, how many entries to keep, how many ids to remember, 1 if an earlier try can
-- have succeeded; then for each event its fence, name, key, kind (once, amends, erase or nothing), data,
-- and of its index: names, what queries match, state
function operations.append()
  local nonce, most, mostIDs, retried = ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9] == '1'
  for i = 10, #ARGV, 8 do
    if ARGV[i] ~= '' and redis.call('GET', fence) ~= ARGV[i] then return {'FENCED'} end
  end
  inspect()
  if held() > 0 then return {'HOLD', digits(held())} end
  local stored = retried and storedBefore(nonce) or {}
  local repeated = next(stored) ~= nil
  local positions = {}
  for i = 10, #ARGV, 8 do
    local unique = nonce .. '.' .. i
    local ev = {name = ARGV[i + 1], key = ARGV[i + 2], kind = ARGV[i + 3], data = ARGV[i + 4],
      names = ARGV[i + 5], found = ARGV[i + 6], state = ARGV[i + 7]}
    local _, created, erased = known(ev.key)
    local at = stored[unique]
    if not at and created and (ev.kind == 'once' or repeated) then at = created end
    if not at and created and ev.kind == 'amends' and erased ~= '' then at = erased end
    positions[#positions + 1] = at or add(unique, ev, mostIDs)
  end
  save()
  trim(most)
  return {'OK', digits(h.epoch), digits(h.offset), h.nonce, unpack(positions)}
end

-- read ARGV: epoch and offset after which to read, how many entries at most, how many of the newest
-- entries at most. Each entry has the offset, the nonce, the name, the key, whether it is a tombstone, the
-- data, and of the index: what queries match, and in a record of schema 1 the state.
function operations.read()
  inspect()
  if held() > 0 then return {'HOLD', digits(held())} end -- or what is read now would count as seen before the restart
  local from = math.max(tail(), h.offset + 1 - tonumber(ARGV[9]))
  local after = tonumber(ARGV[7])
  if tonumber(ARGV[6]) == h.epoch and after <= h.offset then from = math.max(from, after + 1) end
  local reply = {digits(h.epoch), digits(h.offset)}
  for _, raw in ipairs(redis.call('XRANGE', log, id(h.epoch, from), '+', 'COUNT', tonumber(ARGV[8]))) do
    local e = entry(raw)
    local m = meta(e.record)
    for _, field in ipairs({digits(e.offset), e.nonce, m.erased == '' and e.name or m.erased, m.key, m.erased == '' and '' or '1',
      redis.call('HGET', data, e.record .. 'd'), redis.call('HGET', data, e.record .. 't') or '',
      redis.call('HEXISTS', data, e.record .. 'i') == 1 and redis.call('HGET', data, e.record .. 's') or ''}) do
      reply[#reply + 1] = field
    end
  end
  return reply
end

-- firstAt returns the offset of the first event that was stored at a time in ms or later, or of the
-- next event. It is at low or after it, but not after high.
local function firstAt(ms, low, high)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local at = id(h.epoch, middle)
    if tonumber(entry(redis.call('XRANGE', log, at, at)[1]).time) < ms then low = middle + 1 else high = middle end
  end
  return low
end

-- at ARGV: a time in ms. The reply is the position before the first event that was stored then or
-- later.
function operations.at()
  inspect()
  return {digits(h.epoch), digits(firstAt(tonumber(ARGV[6]), tail(), h.offset + 1) - 1)}
end

-- counts ARGV: increasing times in ms, which bound intervals. The reply has for each interval how many
-- of the ordered records have their first event in it.
function operations.counts()
  inspect()
  local firsts, reply = {}, {}
  local function search(from, to, low, high)
    if from > to then return end
    local middle = math.floor((from + to) / 2)
    local at = firstAt(tonumber(ARGV[middle]), low, high)
    firsts[middle] = digits(at)
    search(from, middle - 1, low, at)
    search(middle + 1, to, at, high)
  end
  search(6, #ARGV, tail(), h.offset + 1)
  for i = 7, #ARGV do
    reply[i - 6] = firsts[i - 1] == firsts[i] and '0' or digits(redis.call('ZCOUNT', order, firsts[i - 1], '(' .. firsts[i]))
  end
  return reply
end

-- describe adds the content of a record to a reply.
local function describe(reply, record)
  local m = meta(record)
  if not m then return end
  for _, field in ipairs({m.key, m.first, m.last, m.erased, redis.call('HGET', data, record .. 'd') or '',
    redis.call('HGET', data, record .. 'n') or '', redis.call('HGET', data, record .. 't') or '', redis.call('HGET', data, record .. 's') or ''}) do
    reply[#reply + 1] = field
  end
end

-- find ARGV: names. The reply describes the records that have one of the names as their key or among
-- their names. Of a record that the log has dropped, only the key and two positions are known, and
-- if it is erased, its names.
function operations.find()
  local reply, done = {}, {}
  for i = 6, #ARGV do
    local name = ARGV[i]
    local key = lookUp('\n' .. name) or name
    local record, created, erased, its = known(key)
    if record and not done[record] then
      done[record] = true
      if meta(record) then describe(reply, record) else
        for _, field in ipairs({key, created, erased == '' and created or erased, erased ~= '' and '-' or '', '', its, '', ''}) do
          reply[#reply + 1] = field
        end
      end
    end
    for _, member in ipairs(redis.call('ZRANGEBYLEX', names, '[' .. name .. '\n', '(' .. name .. '\n\255')) do
      record = string.sub(member, #name + 2)
      if not done[record] then
        done[record] = true
        describe(reply, record)
      end
    end
  end
  return reply
end

-- matches reports whether what queries match of a record has each of the terms ARGV[10…last], and each
-- of the words after them. A record of schema 1 has no terms: the caller decides.
local function matches(found, last)
  if not found then return true end
  for i = 10, last do
    if not string.find(found, '\n' .. ARGV[i] .. '\n', 1, true) then return false end
  end
  local text = #ARGV > last and string.match(found, '[^\n]*$')
  for i = last + 1, #ARGV do
    if not string.find(text, ARGV[i], 1, true) then return false end
  end
  return true
end

-- records ARGV: epoch (or 0 for the present one) and offset before which to search, limit, how many
-- terms, terms, words. One call searches a part of the log, so that it doesn't delay other operations.
-- The reply begins with the position before which to search on, whose offset is 0 at the end.
function operations.records()
  inspect()
  if ARGV[6] ~= '0' and tonumber(ARGV[6]) ~= h.epoch then return {'EPOCH'} end
  local before = ARGV[6] == '0' and '+inf' or '(' .. ARGV[7]
  local reply, left, last = {digits(h.epoch), '0'}, tonumber(ARGV[8]), 9 + tonumber(ARGV[9])
  local part = redis.call('ZREVRANGEBYSCORE', order, before, '-inf', 'WITHSCORES', 'LIMIT', 0, 501)
  for i = 1, math.min(#part, 1000), 2 do
    local record = part[i]
    if matches(redis.call('HGET', data, record .. 't'), last) then
      describe(reply, record)
      left = left - 1
    end
    if left == 0 or i == 999 then
      if #part > i + 1 then reply[2] = part[i + 1] end
      break
    end
  end
  return reply
end

return operations[ARGV[1]]()
