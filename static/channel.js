// Follows the log of one channel over any kind of connection.

import * as limits from "./limits.js"

// GAP and CAUGHT_UP are the names of the events that a channel itself emits. The events of its log have
// strings as names, so no name can be the same.
export const GAP = Symbol("gap")
export const CAUGHT_UP = Symbol("caught up")

export const SKIP = "stream.skip" // name of the notice that all events up to its offset have been left out


// attempt calls work and returns the result. An error is reported instead of thrown, with the result
// undefined, so that one bad event doesn't stop the events after it.
export function attempt(work) {
  try {
    return work()
  } catch (error) {
    reportError(error)
  }
}

// Channel delivers each event once and in order: it calls the handlers bound to the event's name with
// { data, offset, epoch }. It also emits:
//
//   - CAUGHT_UP { delivered } when the channel has reached what was the head of the log at the time of
//     the subscription, as far as it can tell: with a filter, the last events can be ones that don't match,
//     so a pause of limits.pauseMs also counts. delivered maps names of events to the number delivered since the
//     subscription; it is null after a gap.
//   - GAP { missed, reset } in place of events that can't be delivered. missed is their number, or
//     undefined if that is unknown. reset is true if a new log has begun: the offsets of the old log
//     then mean nothing. The ids of posts keep their meaning.
//
// With a filter, the server leaves out posts that don't match. The notice SKIP then moves the position over
// them.
export class Channel {
  #name
  #position // { epoch, offset } of the last event delivered or skipped
  #filter // undefined for all posts
  #ask
  #handlers = [] // [name, handler], in the order in which they are called
  #head = 0 // the head of the log in the last heartbeat
  #askedAt = -Infinity // when resubscribe last subscribed
  #target = null // the offset to reach before CAUGHT_UP; null if there is none
  #pause // timer, with a filter
  #delivered = null // name → number of events delivered on the way to #target; null after a gap

  constructor(name, position, filter, ask) {
    this.#name = name
    this.#position = position
    this.#filter = filter || undefined
    this.#ask = ask
  }

  bind(name, handler) {
    this.#handlers.push([name, handler])
    return this
  }

  get names() {
    return this.#handlers.map(([name]) => name).filter(name => typeof name === "string")
  }

  subscribe() {
    const request = { channel: this.#name, last: limits.recent, filter: this.#filter }
    const { epoch, offset } = this.#position
    this.#ask(epoch ? { ...request, epoch, since: Number(offset) } : request)
  }

  // resubscribe subscribes again from the position, at most once per limits.probeMs. It returns
  // whether it subscribed.
  resubscribe() {
    if (performance.now() - this.#askedAt < limits.probeMs) return false
    this.#askedAt = performance.now()
    this.subscribe()
    return true
  }

  // subscribed handles the reply to a subscription: the server sends the events after offset next. If
  // recovered is true, it sends every event after the requested position. The channel then keeps its own
  // position, because it can have delivered some of these events since the request.
  subscribed({ epoch, offset, head, recovered }) {
    if (recovered === false) this.#reportSkipped(epoch, offset)
    if (!recovered) this.#setPosition(epoch, offset)
    this.#delivered = recovered === false ? null : new Map()
    this.#target = head
    this.#checkCaughtUp()
  }

  receive(name, { data, offset, epoch }) {
    if (offset === undefined || !this.#isNext(name, offset, epoch)) return
    if (name === "stream.gap") this.#reportGap({ missed: data.to - data.from + 1 })
    else if (name === "stream.reset") this.#reportGap({ reset: true })
    else this.#deliver(name, { data, offset, epoch })
    this.#setPosition(epoch, offset)
    this.#checkCaughtUp()
  }

  // compare compares the position with the head of the log in a heartbeat. A heartbeat overtakes events
  // in transit, so the channel resubscribes only if no event arrives within limits.settleMs. With a filter,
  // the position has to reach only the head of the heartbeat before, because notices of skipped events are
  // as rare as heartbeats.
  compare({ epoch, offset }) {
    const before = this.#position.offset
    const due = this.#filter ? this.#head : offset
    this.#head = offset
    setTimeout(() => {
      if (this.#position.offset !== before) return
      if (epoch !== this.#position.epoch || due > Number(this.#position.offset)) this.resubscribe()
    }, limits.settleMs)
  }

  // interrupt is called when the connection has ended.
  interrupt() {
    clearTimeout(this.#pause)
    this.#target = null
  }

  #isNext(name, offset, epoch) {
    if (name === "stream.reset") return true
    const last = Number(this.#position.offset)
    const same = epoch === this.#position.epoch
    if (same && offset <= last) return false
    if (same && (offset === last + 1 || name === "stream.gap" || this.#filter)) return true
    this.resubscribe() // events are missing without a gap notice
    return false
  }

  #reportSkipped(epoch, offset) {
    const missed = offset - Number(this.#position.offset)
    if (epoch !== this.#position.epoch) this.#reportGap({ reset: true })
    else this.#reportGap({ missed: missed > 0 ? missed : undefined })
  }

  #deliver(name, event) {
    this.#delivered?.set(name, (this.#delivered.get(name) ?? 0) + 1)
    this.#emit(name, event)
  }

  #reportGap(gap) {
    this.#delivered = null
    this.#emit(GAP, gap)
  }

  #setPosition(epoch, offset) {
    this.#position.epoch = epoch
    this.#position.offset = offset
  }

  #checkCaughtUp() {
    clearTimeout(this.#pause)
    if (this.#target === null) return
    if (Number(this.#position.offset) >= this.#target) this.#caughtUp()
    else if (this.#filter) this.#pause = setTimeout(() => this.#caughtUp(), limits.pauseMs)
  }

  #caughtUp() {
    this.#target = null
    this.#emit(CAUGHT_UP, { delivered: this.#delivered })
    this.#delivered = null
  }

  #emit(name, event) {
    for (const [bound, handler] of this.#handlers) if (bound === name) attempt(() => handler(event))
  }
}
