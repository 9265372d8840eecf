// The connection to the server.
//
// Frames from the server are arrays of events; an event is [name, attributes]. Frames to
// the server are one event each. A Socket is one connection that reopens itself; a Channel
// is one log followed over it, from a position (epoch, offset) onwards. Where something
// blocks WebSockets, event streams replace them, or else polls.
//
// A page sleeps when its computer does, or when the browser freezes its tab: timers stand
// still, and the connection may end unnoticed. When the page wakes, these come in any order:
//
//   - "visibilitychange", "pageshow" or "online" calls wake(). A connection that looks open is
//     probed; without a frame within limits.probeMs it is dropped.
//   - "onclose", if the connection ended and the browser knows. The next attempt follows after
//     the back-off, or at once if wake() comes after it.
//   - The watchdog, if limits.deadMs have passed since the last frame by the browser's timer. It
//     drops the connection without waiting for "onclose".
//
// The first of them to end the connection detaches it, so the others find nothing to do. The
// new connection subscribes from the last position, and the log sends what was missed.

import { attempt, Channel } from "./channel.js"
import { EventLink, RESTART } from "./events.js"
import { limits } from "./limits.js"
import { PollLink } from "./poll.js"

const POLICY = 1008 // close codes of RFC 6455
const SILENT = 1001 // from this server: the client answered no ping, as after a sleep
const OLD = 4001 // application code: the server no longer supports this page's protocol

// Socket dispatches "lost" each time a connection ends, with { old, reason, heardAt }: old if only
// a newer page can connect, reason if the server refused this client, heardAt when the last
// frame came. It dispatches "kind" when
// the kind of connection may have changed.
export class Socket extends EventTarget {
  tries = 0

  #url
  #addresses
  #ws = null // a WebSocket, an EventLink or a PollLink
  #limited = false // the server says that this address has too many connections
  #heard = false // whether this connection has received a frame
  #heardAt // when the last frame came, on any connection, by Date.now(); undefined if none did
  #silentConnections = 0 // consecutive ones, without a frame
  #notBefore = 0 // earliest time of a reconnection, by performance.now()
  #id = 0
  #channels = new Map()
  #pending = new Map() // id of a subscription request → its channel
  #retry // timers
  #watchdog
  #steady
  #upgrade
  #restartDelay

  #handlers = new Map([
    ["client_connected", () => this.#connected()],
    ["websocket_rails.ping", data => this.#pinged(data)],
    ["poll", ({ limited }) => this.#setLimited(limited)],
    ["stream.draining", data => (this.#restartDelay = data.retry_ms)],
  ])

  // addresses holds the paths of the WebSocket (socket), and of the channel's event stream
  // (events) and polls (lines), which replace it.
  constructor(addresses) {
    super()
    this.#addresses = addresses
    const url = new URL(addresses.socket, location.href)
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
    this.#url = url.href
    this.#open()
  }

  // kind is "live" for a WebSocket and "slow" for its replacements, or "limited" if the cause
  // is the server's limit for one address.
  get kind() {
    return !this.#slow ? "live" : this.#limited ? "limited" : "slow"
  }

  // #slow reports whether the turn is that of a replacement. After two WebSockets in a row were
  // silent, event streams have their turn, then polls. If they are silent too, the cause is
  // another, and WebSockets are next.
  get #slow() {
    return this.#silentConnections % 4 >= 2
  }

  // Actions

  // subscribe follows a channel from position, an object whose epoch and offset
  // are kept up to date as events are delivered.
  subscribe(name, position = {}) {
    const channel = new Channel(name, position, request => this.#ask(channel, request))
    this.#channels.set(name, channel)
    return channel
  }

  // wake reconnects without delay, or probes a connection that looks open. It does nothing while
  // a connection is being opened, in the time that a server asked to wait, and if the
  // connection was probed within the last limits.probeMs.
  wake() {
    if (!this.#ws) return this.#reopen()
    if (this.#ws.readyState === WebSocket.OPEN && this.#probe()) this.#tryUpgrade()
  }

  // drop abandons the connection without waiting for the other side.
  drop() {
    if (this.#ws) this.#closed({})
  }

  // Internal

  #reopen() {
    if (performance.now() < this.#notBefore) return
    this.tries = 0
    this.#open()
  }

  #open() {
    this.#limited = false
    this.#use(this.#newLink())
    this.#heard = false
    this.#expectFrame(limits.helloMs)
    if (this.#slow) this.#connected() // a replacement sends no greeting
  }

  #newLink() {
    if (!this.#slow) return new WebSocket(this.#url)
    const { events, lines } = this.#addresses
    return this.#silentConnections % 4 === 2 ? new EventLink(events, name => this.#channels.get(name).names) : new PollLink(lines)
  }

  #setLimited(limited) {
    this.#limited = limited
    this.dispatchEvent(new Event("kind"))
  }

  #use(ws) {
    clearTimeout(this.#retry)
    this.#ws = ws
    ws.onmessage = ({ data }) => this.#received(data)
    ws.onclose = event => this.#closed(event)
  }

  #disconnect() {
    clearTimeout(this.#watchdog)
    clearTimeout(this.#steady)
    this.#pending.clear()
    if (!this.#ws) return
    this.#ws.onmessage = this.#ws.onclose = null
    this.#ws.close()
    this.#ws = null
  }

  #closed({ code, reason }) {
    this.#disconnect()
    if (!this.#heard && navigator.onLine) this.#silentConnections++
    this.#scheduleRetry(code)
    this.tries++
    const detail = { old: code === OLD, reason: code === POLICY ? reason : "", heardAt: this.#heardAt }
    this.dispatchEvent(new CustomEvent("lost", { detail }))
  }

  #scheduleRetry(code) {
    const wait = code === OLD ? Infinity : this.#delay(code)
    this.#notBefore = code === OLD || code === POLICY ? performance.now() + wait : 0
    if (wait < Infinity) this.#retry = setTimeout(() => this.#open(), wait)
  }

  #delay(code) {
    // Not the client's fault, and no sign of trouble: one short wait without back-off, random so
    // that not all clients of a restarting server come back at once.
    if (code === RESTART || code === SILENT) return this.#restartDelay ?? Math.random() * limits.restartMs
    const wait = Math.random() * Math.min(limits.longestMs, limits.firstMs * 2 ** this.tries)
    return code === POLICY ? limits.policyMs + wait : wait
  }

  #connected() {
    this.#restartDelay = undefined
    this.#steady = setTimeout(() => (this.tries = 0), limits.steadyMs)
    for (const channel of this.#channels.values()) channel.subscribe()
  }

  // #probe requests an answer on every channel, unless it did recently. It returns whether it did.
  #probe() {
    const asked = [...this.#channels.values()].filter(channel => channel.resubscribe())
    if (asked.length > 0) this.#expectFrame(limits.probeMs)
    return asked.length > 0
  }

  // #tryUpgrade opens a WebSocket beside a replacement, and again every limits.upgradeMs. The
  // first frame of the WebSocket ends the replacement; it continues from the same position.
  #tryUpgrade() {
    clearTimeout(this.#upgrade)
    if (!this.#slow) return
    this.#upgrade = setTimeout(() => this.#tryUpgrade(), limits.upgradeMs)
    const ws = new WebSocket(this.#url)
    const patience = setTimeout(() => ws.close(), limits.helloMs)
    ws.onmessage = ({ data }) => {
      clearTimeout(patience)
      if (!this.#slow) return ws.close() // another WebSocket was faster
      this.#disconnect()
      this.#use(ws)
      this.#silentConnections = 0
      this.#received(data)
    }
  }

  #expectFrame(within, otherwise = () => this.drop()) {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(otherwise, within)
  }

  // #received restarts the watchdog. The heartbeat of an event stream is a comment, which the
  // browser doesn't report: a silent replacement is probed before it is dropped.
  #received(frame) {
    this.#expectFrame(limits.deadMs, () => (this.#slow && this.#probe()) || this.drop())
    this.#heardAt = Date.now()
    if (!this.#heard) this.#firstFrame()
    attempt(() => {
      for (const [name, event] of JSON.parse(frame)) attempt(() => this.#dispatch(name, event))
    })
  }

  #firstFrame() {
    this.#heard = true
    if (this.#slow) this.#tryUpgrade() // the WebSockets may have failed only because of a restart
    else this.#silentConnections = 0
  }

  // #dispatch routes an event: the result of a request, an event of a channel, or one of the connection.
  #dispatch(name, event) {
    if (event.success != null) this.#result(event)
    else if (event.channel != null) this.#channels.get(event.channel)?.receive(name, event)
    else this.#handlers.get(name)?.(event.data)
  }

  #result({ id, success, data }) {
    const channel = this.#pending.get(id)
    this.#pending.delete(id)
    if (channel && success) channel.subscribed(data)
    else if (channel) this.drop()
  }

  #pinged({ heads = {} }) {
    this.#send("websocket_rails.pong", {})
    for (const [name, head] of Object.entries(heads)) this.#channels.get(name)?.compare(head)
  }

  // #ask sends one subscription per channel at a time: a second reply would report the same
  // gap again.
  #ask(channel, request) {
    if (this.#ws?.readyState !== WebSocket.OPEN || [...this.#pending.values()].includes(channel)) return
    this.#pending.set(this.#send("websocket_rails.subscribe", request), channel)
  }

  #send(name, data) {
    const id = ++this.#id
    this.#ws.send(JSON.stringify([name, { id, data }]))
    return id
  }
}
