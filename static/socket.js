// The connection to the server.
//
// A frame from the server is an array of events, each [name, attributes]; a frame to the server is one
// event. A Socket is a connection that reopens itself. A Channel follows one log over the Socket, from a
// position (epoch, offset) onwards. Where something blocks WebSockets, event streams replace them; where
// these are blocked, too, polls do. With the transport "poll", the Socket only polls the log, through
// whatever HTTP cache is in front of the site.
//
// While the computer sleeps or the browser freezes the tab, timers stand still and the connection can end
// unnoticed. When the page wakes, these come in any order:
//
//   - "visibilitychange", "pageshow" or "online" calls wake(). A connection that looks open is
//     probed; without a frame within limits.probeMs it is dropped.
//   - "onclose", if the connection has ended and the browser knows it. The next attempt follows after
//     the back-off, or at once if wake() is called after "onclose".
//   - The watchdog, if limits.deadMs have passed since the last frame by the browser's timer. It
//     drops the connection without waiting for "onclose".
//
// The first of them that ends the connection removes it, so that the others have no effect. The new
// connection subscribes from the last position, and the server sends the events that were missed.

import { attempt, Channel } from "./channel.js"
import { EventLink, RESTART, SUBSCRIBE } from "./events.js"
import * as limits from "./limits.js"
import { LogLink, PollLink } from "./poll.js"

const POLICY = 1008 // close codes of RFC 6455
const SILENT = 1001 // sent by this server if the client answered no ping, as after a sleep
const BUSY = "too_many_filters" // error in the reply to a subscription
const OLD = 4001 // application code: the server no longer supports this page's protocol

// Socket dispatches "lost" each time a connection ends, with { old, reason, heardAt }. old is true if the
// server no longer supports this page's protocol, and reason is the server's explanation, or BUSY, if it
// refused this client, else empty. heardAt is the time of the last frame. Socket dispatches "kind" when its kind can have changed.
export class Socket extends EventTarget {
  tries = 0

  #url
  #addresses
  #byLog // whether the transport is "poll"
  #ws = null // a WebSocket, an EventLink, a PollLink or a LogLink
  #limited = false // whether the server says that the reader's address has too many connections
  #heard = false // whether this connection has received a frame
  #heardAt // when the last frame came, on any connection, by Date.now(); undefined if none did
  #silentConnections = 0 // number of consecutive connections without a frame
  #notBefore = 0 // earliest time at which wake() reconnects, by performance.now()
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

  // addresses holds the paths of the WebSocket (socket) and of its replacements: the channel's event
  // stream (events), polls (lines) and log, and the name of the transport, "websocket" or "poll". A parameter
  // of the page's address has precedence over that name. For several channels, the paths of replacements have
  // "{channel}" in place of the name.
  constructor(addresses) {
    super()
    this.#addresses = addresses
    this.#byLog = (new URLSearchParams(location.search).get("transport") ?? addresses.transport) === "poll"
    const url = new URL(addresses.socket, location.href)
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
    this.#url = url.href
    this.#open()
  }

  // kind is "live" for a WebSocket, and with the transport "poll". For a replacement it is "limited" if the
  // server says that the reader's address has too many connections, and otherwise "slow".
  get kind() {
    return !this.#slow || this.#byLog ? "live" : this.#limited ? "limited" : "slow"
  }

  // #slow reports whether a replacement is in use or to be tried next. After two WebSockets in a row
  // without a frame, an event stream is tried, and then polls. If neither receives a frame, the cause
  // isn't what blocks WebSockets, and WebSockets are tried again.
  get #slow() {
    return this.#byLog || this.#silentConnections % 4 >= 2
  }

  // Actions

  // subscribe follows a channel from position. The channel updates the epoch and offset of that object
  // as it delivers events. If filter is given, the channel receives only posts that match. event is the name of
  // the request, SUBSCRIBE_PRIVATE for a channel that only some clients may follow.
  subscribe(name, position = {}, filter, event = SUBSCRIBE) {
    const channel = new Channel(name, position, filter, request => this.#ask(channel, request, event))
    this.#channels.set(name, channel)
    if (this.#slow) channel.subscribe() // no greeting will come
    return channel
  }

  // wake reconnects without delay, or probes a connection that looks open. It does nothing
  // while a connection is being opened, after a refusal until its wait is over, and if the connection was
  // probed within the last limits.probeMs.
  wake() {
    if (!this.#ws) return this.#reopen()
    if (this.#ws.readyState === WebSocket.OPEN && this.#probe()) this.#tryUpgrade()
  }

  // drop ends the connection without waiting for the server to close it, too.
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
    if (this.#slow) this.#connected() // without a greeting, which only a WebSocket receives
  }

  #newLink() {
    if (!this.#slow) return new WebSocket(this.#url)
    const { events, lines, log } = this.#addresses
    if (this.#byLog) return new LogLink(log)
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
    for (const channel of this.#channels.values()) channel.interrupt()
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
    // A restart or a sleep doesn't mean that the server has trouble, so there is no back-off. The wait is
    // random (jitter), so that not all clients of a restarted server reconnect at once.
    if (code === RESTART || code === SILENT) return this.#restartDelay ?? Math.random() * limits.restartMs
    const wait = Math.random() * Math.min(limits.longestMs, limits.firstMs * 2 ** this.tries)
    return code === POLICY ? limits.policyMs + wait : wait
  }

  #connected() {
    this.#restartDelay = undefined
    this.#steady = setTimeout(() => (this.tries = 0), limits.steadyMs)
    for (const channel of this.#channels.values()) channel.subscribe()
  }

  // #probe requests an answer on each channel, except those that resubscribed within limits.probeMs. It
  // returns whether it requested any.
  #probe() {
    const asked = [...this.#channels.values()].filter(channel => channel.resubscribe())
    if (asked.length > 0) this.#expectFrame(limits.probeMs)
    return asked.length > 0
  }

  // #tryUpgrade opens a WebSocket beside a replacement, and does so again every limits.upgradeMs. The
  // first frame of the WebSocket ends the replacement; the channels continue from their positions.
  #tryUpgrade() {
    clearTimeout(this.#upgrade)
    if (!this.#slow || this.#byLog) return
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

  // #received restarts the watchdog. The heartbeat of an event stream is a comment, which browsers hide
  // from scripts, so a silent replacement is probed before it is dropped.
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
    if (this.#slow) this.#tryUpgrade() // the WebSockets could have failed only because of a restart
    else this.#silentConnections = 0
  }

  // #dispatch passes on an event: the reply to a request, an event of a channel, or an event of the
  // connection.
  #dispatch(name, event) {
    if (event.success != null) this.#result(event)
    else if (event.channel != null) this.#channels.get(event.channel)?.receive(name, event)
    else this.#handlers.get(name)?.(event.data)
  }

  #result({ id, success, data }) {
    const channel = this.#pending.get(id)
    this.#pending.delete(id)
    if (channel && success) channel.subscribed(data)
    else if (channel) this.#closed(data.error === BUSY ? { code: POLICY, reason: BUSY } : {})
  }

  #pinged({ heads = {} }) {
    this.#send("websocket_rails.pong", {})
    for (const [name, head] of Object.entries(heads)) this.#channels.get(name)?.compare(head)
  }

  // #ask sends a subscription of a channel unless an earlier one is unanswered: a second reply would
  // report the same gap again.
  #ask(channel, request, event) {
    if (this.#ws?.readyState !== WebSocket.OPEN || [...this.#pending.values()].includes(channel)) return
    this.#pending.set(this.#send(event, request), channel)
  }

  #send(name, data) {
    const id = ++this.#id
    this.#ws.send(JSON.stringify([name, { id, data }]))
    return id
  }
}
