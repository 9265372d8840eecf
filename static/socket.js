// A hand-written client of the wire: frames from the server are arrays of
// events, an event is [name, attributes], and frames to the server are one
// event each. A Socket is one connection that puts itself together again; a
// Channel is one log followed over it, from a place (epoch, offset) onwards. Where
// something on the way lets no WebSocket through, events are the connection.

import { attempt, Channel } from "./channel.js"
import { EventLink, RESTART } from "./events.js"

const POLICY_DELAY = 30_000 // ms, at least, after the server said that we misbehave

const POLICY = 1008 // close codes of RFC 6455 and its registry
const AWAY = 1001
const OLD = 4001 // our own: the server no longer speaks as this page does


// Socket tells "lost" each time that a connection ends, with { old } if only another
// page can connect, and the server's reason if it means us.
export class Socket extends EventTarget {
  tries = 0

  #url
  #limits
  #ws = null // or an EventLink
  #heard = false // something, on this connection
  #refused = 0 // connections in a row on which nothing was heard
  #notBefore = 0 // whoever wants it, by performance.now()
  #id = 0
  #channels = new Map()
  #pending = new Map() // id of a subscription asked for → its channel
  #retry // timers
  #watchdog
  #steady
  #upgrade
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

  // slow tells that it is the turn of events, which is each third: whatever fails
  // twice may be blocked, and if the events fail too, that was not the reason.
  get slow() {
    return this.#refused % 3 === 2
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
    if (this.#ws.readyState === WebSocket.OPEN && this.#probe()) this.#tryUpgrade()
  }

  // drop gives up a connection without waiting for the other side.
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
    this.#use(this.slow ? new EventLink(name => this.#channels.get(name).names) : new WebSocket(this.#url))
    this.#heard = false
    this.#expectFrame(this.#limits.helloMs)
    if (this.slow) this.#connected() // events have no greeting
  }

  #use(ws) {
    clearTimeout(this.#retry)
    this.#ws = ws
    ws.onmessage = ({ data }) => this.#received(data)
    ws.onclose = event => this.#closed(event)
  }

  #leave() {
    clearTimeout(this.#watchdog)
    clearTimeout(this.#steady)
    this.#pending.clear()
    if (!this.#ws) return
    this.#ws.onmessage = this.#ws.onclose = null
    this.#ws.close()
    this.#ws = null
  }

  #closed({ code, reason }) {
    this.#leave()
    if (!this.#heard && navigator.onLine) this.#refused++
    this.#comeBack(code)
    this.tries++
    const detail = { old: code === OLD, reason: code === POLICY ? reason : "" }
    this.dispatchEvent(new CustomEvent("lost", { detail }))
  }

  #comeBack(code) {
    const wait = code === OLD ? Infinity : this.#delay(code)
    this.#notBefore = code === OLD || code === POLICY ? performance.now() + wait : 0
    if (wait < Infinity) this.#retry = setTimeout(() => this.#open(), wait)
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

  // #probe asks for an answer, but seldom; it tells whether it did.
  #probe() {
    const asked = [...this.#channels.values()].filter(channel => channel.resubscribe())
    if (asked.length > 0) this.#expectFrame(this.#limits.probeMs)
    return asked.length > 0
  }

  // #tryUpgrade tries a WebSocket beside the events, and again after a long while.
  // They end only when it is greeted, and it goes on from the place they got to.
  #tryUpgrade() {
    clearTimeout(this.#upgrade)
    if (!this.slow) return
    this.#upgrade = setTimeout(() => this.#tryUpgrade(), this.#limits.upgradeMs)
    const ws = new WebSocket(this.#url)
    const patience = setTimeout(() => ws.close(), this.#limits.helloMs)
    ws.onmessage = ({ data }) => {
      clearTimeout(patience)
      if (!this.slow) return ws.close() // too late
      this.#leave()
      this.#use(ws)
      this.#refused = 0
      this.#received(data)
    }
  }

  #expectFrame(within, otherwise = () => this.drop()) {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(otherwise, within)
  }

  // #received is told of pings too, but not of what keeps a stream of events
  // alive: when that is silent, we ask.
  #received(frame) {
    this.#expectFrame(this.#limits.deadMs, () => (this.slow && this.#probe()) || this.drop())
    if (!this.#heard) this.#hear()
    attempt(() => {
      for (const [name, event] of JSON.parse(frame)) attempt(() => this.#dispatch(name, event))
    })
  }

  #hear() {
    this.#heard = true
    if (this.slow) this.#tryUpgrade() // was it the network, or only a restart?
    else this.#refused = 0
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

  // #ask asks once: a second answer to the same question would tell of the same
  // gap again, and of events that have come since.
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
