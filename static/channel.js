// One log, followed over whatever connection there is, each event once and in order.

const SETTLE = 2_000 // ms, for frames on their way before we call a channel lagging

// What a channel tells beside the events of its log, whose names are strings.
export const GAP = Symbol("gap")
export const CAUGHT_UP = Symbol("caught up")

// attempt runs work that may throw: the rest goes on then, without its result.
export function attempt(work) {
  try {
    return work()
  } catch (error) {
    reportError(error)
  }
}

// Channel calls what is bound to an event's name with { data, offset, epoch },
// each event once and in order. Beside the events of the log it tells
// CAUGHT_UP { missed } when nothing is missing any more: how many events of each
// name have come on the way (null if that was not all); and GAP { missed, reset }
// where events are, and always will be (undefined if nobody knows how many); after a
// reset the log is another one, to which no id of before belongs.
export class Channel {
  #name
  #place
  #limits
  #ask
  #handlers = new Map()
  #asked = -Infinity // when we last resubscribed
  #target = null // the offset at which we have caught up
  #missed = null // events that have come on the way there, by name

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

  get names() {
    return [...this.#handlers.keys()].filter(name => typeof name === "string")
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
    this.#missed = recovered === false ? null : new Map()
    this.#target = head
    this.#arrive()
  }

  receive(name, { data, offset, epoch }) {
    if (offset === undefined || !this.#isNext(name, offset, epoch)) return
    if (name === "stream.gap") this.#miss({ missed: data.to - data.from + 1 })
    else if (name === "stream.reset") this.#miss({ reset: true })
    else this.#pass(name, { data, offset, epoch })
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

  #pass(name, event) {
    this.#missed?.set(name, (this.#missed.get(name) ?? 0) + 1)
    this.#emit(name, event)
  }

  #miss(gap) {
    this.#missed = null
    this.#emit(GAP, gap)
  }

  #wear(epoch, offset) {
    this.#place.epoch = epoch
    this.#place.offset = offset
  }

  #arrive() {
    if (this.#target === null || Number(this.#place.offset) < this.#target) return
    this.#target = null
    this.#emit(CAUGHT_UP, { missed: this.#missed })
    this.#missed = null
  }

  #emit(name, event) {
    attempt(() => this.#handlers.get(name)?.(event))
  }
}
