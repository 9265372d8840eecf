// A hand-written client of the wire: frames from the server are arrays of
// events, an event is [name, attributes], and frames to the server are one
// event each. A Socket is one connection that puts itself together again; a
// Channel is one log followed over it, from a place (epoch, offset) onwards.

const POLICY_DELAY = 30_000 // ms, at least, after the server said that we misbehave
const SETTLE = 2_000 // ms, for frames on their way before we call a channel lagging

const POLICY = 1008 // close codes of RFC 6455 and its registry
const AWAY = 1001
const RESTART = 1012

// attempt runs work that others wrote: when it throws, the rest goes on.
function attempt(work) {
  try {
    work()
  } catch (error) {
    reportError(error)
  }
}

export class Socket extends EventTarget { // tells "lost" and "wait" (see tries)
  tries = 0

  #url
  #limits
  #ws = null
  #id = 0
  #channels = new Map()
  #pending = new Map() // id of a subscription asked for → its channel
  #retry // timers
  #watchdog
  #steady
  #restartDelay

  #handlers = new Map([
    ["client_connected", () => this.#connected()],
    ["websocket_rails.ping", data => this.#pinged(data)],
    ["stream.draining", data => (this.#restartDelay = data.retry_ms)],
  ])

  constructor(path, limits) {
    super()
    const url = new URL(path, location.href)
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
    this.#url = url.href
    this.#limits = limits
    this.#open()
  }

  // Actions

  // subscribe follows a channel from place, an object whose epoch and offset
  // are kept up to date as events are processed.
  subscribe(name, place = {}) {
    const channel = new Channel(name, place, this.#limits, request => this.#ask(channel, request))
    this.#channels.set(name, channel)
    return channel
  }

  // wake connects at once, or makes sure that a connection which looks open is.
  wake() {
    if (!this.#ws) return this.#reopen()
    if (this.#ws.readyState !== WebSocket.OPEN) return
    const asked = [...this.#channels.values()].filter(channel => channel.resubscribe())
    if (asked.length > 0) this.#expectFrame(this.#limits.probeMs)
  }

  // drop gives up a connection without waiting for the other side.
  drop() {
    if (!this.#ws) return
    this.#ws.onmessage = this.#ws.onclose = null
    this.#ws.close()
    this.#closed({})
  }

  // Internal

  #reopen() {
    this.tries = 0
    this.#open()
  }

  #open() {
    clearTimeout(this.#retry)
    this.#ws = new WebSocket(this.#url)
    this.#ws.onmessage = ({ data }) => this.#received(data)
    this.#ws.onclose = event => this.#closed(event)
    this.#expectFrame(this.#limits.helloMs)
  }

  #closed({ code }) {
    clearTimeout(this.#watchdog)
    clearTimeout(this.#steady)
    this.#ws = null
    this.#pending.clear()
    this.#retry = setTimeout(() => this.#open(), this.#delay(code))
    this.tries++
    this.dispatchEvent(new Event("lost"))
  }

  #delay(code) {
    const { firstMs, longestMs, restartMs } = this.#limits
    if (code === RESTART || code === AWAY) return this.#restartDelay ?? Math.random() * restartMs
    const wait = Math.random() * Math.min(longestMs, firstMs * 2 ** this.tries)
    return code === POLICY ? POLICY_DELAY + wait : wait
  }

  #connected() {
    this.#restartDelay = undefined
    this.#steady = setTimeout(() => (this.tries = 0), this.#limits.steadyMs)
    for (const channel of this.#channels.values()) channel.subscribe()
  }

  #expectFrame(within) {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => this.drop(), within)
  }

  #received(frame) {
    this.#expectFrame(this.#limits.deadMs)
    attempt(() => {
      for (const [name, event] of JSON.parse(frame)) attempt(() => this.#dispatch(name, event))
    })
  }

  // #dispatch follows the order of the wire: a result, a channel's event, our own.
  #dispatch(name, event) {
    if (event.success != null) this.#answered(event)
    else if (event.channel != null) this.#channels.get(event.channel)?.receive(name, event)
    else this.#handlers.get(name)?.(event.data)
  }

  #answered({ id, success, data }) {
    const channel = this.#pending.get(id)
    this.#pending.delete(id)
    if (channel && success) channel.subscribed(data)
    else if (channel) this.drop()
  }

  #pinged({ heads = {} }) {
    this.#send("websocket_rails.pong", {})
    for (const [name, head] of Object.entries(heads)) this.#channels.get(name)?.compare(head)
  }

  #ask(channel, request) {
    if (this.#ws?.readyState !== WebSocket.OPEN) return
    this.#pending.set(this.#send("websocket_rails.subscribe", request), channel)
  }

  #send(name, data) {
    const id = ++this.#id
    this.#ws.send(JSON.stringify([name, { id, data }]))
    return id
  }
}

// Channel calls what is bound to an event's name with { data, offset, epoch },
// each event once and in order. Beside the events of the log it tells
// "caught-up" { missed } when nothing is missing any more (undefined if that was
// not all), and "gap" { missed, reset } where events are, and always will be
// (undefined if nobody knows how many); after a reset the log is another one, to
// which no id of before belongs.
class Channel {
  #name
  #place
  #limits
  #ask
  #handlers = new Map()
  #asked = -Infinity // when we last resubscribed
  #target = null // the offset at which we have caught up
  #missed = 0

  constructor(name, place, limits, ask) {
    this.#name = name
    this.#place = place
    this.#limits = limits
    this.#ask = ask
  }

  bind(name, handler) {
    this.#handlers.set(name, handler)
    return this
  }

  subscribe() {
    const request = { channel: this.#name, last: this.#limits.recent }
    const { epoch, offset } = this.#place
    this.#ask(epoch ? { ...request, epoch, since: Number(offset) } : request)
  }

  // resubscribe asks again from our place, but seldom; it tells whether it did.
  resubscribe() {
    if (performance.now() - this.#asked < this.#limits.probeMs) return false
    this.#asked = performance.now()
    this.subscribe()
    return true
  }

  // subscribed reads the answer: the next event will be the one after offset.
  // If that is where we asked to go on, we may be further by now, and stay there.
  subscribed({ epoch, offset, head, recovered }) {
    if (recovered === false) this.#skip(epoch, offset)
    if (!recovered) this.#wear(epoch, offset)
    this.#missed = recovered === false ? undefined : head - Number(this.#place.offset)
    this.#target = head
    this.#arrive()
  }

  receive(name, { data, offset, epoch }) {
    if (offset === undefined || !this.#isNext(name, offset, epoch)) return
    if (name === "stream.gap") this.#miss({ missed: data.to - data.from + 1 })
    else if (name === "stream.reset") this.#miss({ reset: true })
    else this.#emit(name, { data, offset, epoch })
    this.#wear(epoch, offset)
    this.#arrive()
  }

  // compare is told how far the log has come. Frames may still be on their way:
  // a ping overtakes them, and a slow link brings them late but steadily.
  compare({ epoch, offset }) {
    const before = this.#place.offset
    setTimeout(() => {
      if (this.#place.offset !== before) return
      if (epoch !== this.#place.epoch || offset > Number(this.#place.offset)) this.resubscribe()
    }, SETTLE)
  }

  #isNext(name, offset, epoch) {
    if (name === "stream.reset") return true
    const last = Number(this.#place.offset)
    const same = epoch === this.#place.epoch
    if (same && offset <= last) return false
    if (same && (offset === last + 1 || name === "stream.gap")) return true
    this.resubscribe() // a hole without a mark
    return false
  }

  #skip(epoch, offset) {
    const missed = offset - Number(this.#place.offset)
    if (epoch !== this.#place.epoch) this.#miss({ reset: true })
    else this.#miss({ missed: missed > 0 ? missed : undefined })
  }

  #miss(gap) {
    this.#missed = undefined
    this.#emit("gap", gap)
  }

  #wear(epoch, offset) {
    this.#place.epoch = epoch
    this.#place.offset = offset
  }

  #arrive() {
    if (this.#target === null || Number(this.#place.offset) < this.#target) return
    this.#target = null
    this.#emit("caught-up", { missed: this.#missed })
  }

  #emit(name, event) {
    attempt(() => this.#handlers.get(name)?.(event))
  }
}
