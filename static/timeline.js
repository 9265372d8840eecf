// The timeline: what happens to posts, and when it may be seen.

import { limits, Memory, Rate } from "./page.js"

const LOOK = 50 // ms between two looks at where things stand

export class Timeline {
  #feed
  #scroller
  #holding
  #status
  #announcer
  #pill
  #paused = Memory.read("sessionStorage", "paused") === "yes"
  #rate = new Rate()
  #waiting = new Map() // post id → post; also unique keys → { missed }; oldest first
  #dropped = 0 // posts that waited too long, older than all that wait; NaN if nobody knows how many
  #destroyed = new Set()
  #released = -Infinity // when the last batch was shown
  #looked = -Infinity // when we last looked whether things may move
  #look // timers
  #timer

  constructor({ feed, scroller, holding, status, announcer, pill }) {
    this.#feed = feed
    this.#scroller = scroller
    this.#holding = holding
    this.#status = status
    this.#announcer = announcer
    this.#pill = pill
    addEventListener("scroll", () => this.#changed(), { passive: true })
    document.addEventListener("visibilitychange", () => this.#changed())
  }

  // Events of the channel

  create({ data, offset }) {
    if (!data.html || this.#destroyed.has(data.id)) return
    if (this.#known(data.id)) return this.update({ data })
    if (!data.late) this.#rate.add()
    this.#waiting.set(data.id, { id: data.id, html: data.html, late: data.late, offset, at: Date.now() })
    this.#bound()
    this.#changed()
  }

  // update shows a post anew wherever it is; nothing else moves.
  update({ data }) {
    const card = this.#feed.find(data.id)
    const post = this.#waiting.get(data.id) ?? this.#feed.runs.find(data.id)
    if (post) post.html = data.html
    if (card) this.#scroller.keep(() => this.#feed.replace(card, data.html))
  }

  destroy({ data: { id } }) {
    this.#remember(id)
    this.#waiting.delete(id)
    if (this.#feed.runs.find(id)) this.#scroller.keep(() => this.#feed.takeOut(id))
    const card = this.#feed.find(id)
    if (card) this.#scroller.keep(() => this.#bury(card))
    this.#changed()
  }

  gap({ missed, reset }) {
    if (missed === 0) return
    if (reset) this.#retire()
    this.#waiting.set(Symbol("gap"), { missed })
    this.#status.gap(missed)
    this.#changed()
  }

  // Actions

  get paused() {
    return this.#paused
  }

  set paused(paused) {
    this.#paused = paused
    Memory.write("sessionStorage", "paused", paused ? "yes" : "no")
    this.#changed()
  }

  // show lets in all that waits, and goes to the top.
  show() {
    this.#release(limits.cap, change => change())
    this.#scroller.jumpToTop()
    this.#changed()
  }

  // Internal

  // #changed is called after everything that may matter; many calls, one look.
  #changed() {
    this.#look ??= setTimeout(() => this.#decide(), Math.max(0, this.#looked + LOOK - performance.now()))
  }

  #decide() {
    this.#look = undefined
    this.#looked = performance.now()
    const held = this.#flows ? 0 : this.#count
    const rate = this.#rate.value
    this.#status.reader({ paused: this.#paused, waiting: held, rate })
    this.#pill.show(held, this.#reading || document.hidden)
    this.#announcer.waiting(held)
    if (this.#waiting.size > 0 || rate > 0) this.#timer ??= setTimeout(() => this.#tick(), this.#wait)
  }

  // The reader has stopped the stream, or gone down into it.
  get #reading() {
    return this.#paused || !this.#scroller.atTop
  }

  get #flows() {
    return !this.#reading && !document.hidden && !this.#holding.active
  }

  #tick() {
    this.#timer = undefined
    if (this.#flows && this.#waiting.size > 0) this.#release(limits.batchMax, this.#motion)
    else this.#released = performance.now()
    this.#changed()
  }

  // #wait is none for a post after a quiet time, else what is left of a batch's.
  get #wait() {
    return Math.max(0, this.#released + limits.batchMs - performance.now())
  }

  // How many wait that are news.
  get #count() {
    return [...this.#waiting.values()].filter(item => item.html && !item.late).length
  }

  // What is told late is history: it is put there, without a show.
  get #motion() {
    const late = [...this.#waiting.values()].every(item => item.late)
    return late ? change => change() : change => this.#scroller.flow(change)
  }

  #release(most, apply) {
    const rows = [...this.#rows(most)]
    this.#waiting.clear()
    this.#dropped = 0
    this.#released = performance.now()
    apply(() => this.#feed.prepend(rows))
    this.#feed.trim(row => this.#scroller.sees(row) || this.#holding.has(row))
  }

  // #rows makes cards of the newest posts and folds the others, newest first.
  *#rows(most) {
    let rest = []
    for (const item of [...this.#waiting.values()].reverse()) {
      if (!item.html) {
        yield* this.#folded(rest.splice(0))
        yield this.#feed.gap(item.missed)
      } else if (most-- > 0) yield this.#feed.row(item)
      else rest.unshift(item)
    }
    yield* this.#folded(rest)
    if (this.#dropped !== 0) yield this.#feed.gap(this.#dropped)
  }

  *#folded(posts) {
    if (posts.length === 1) yield this.#feed.row(posts[0])
    else if (posts.length > 1) yield this.#feed.runs.row(posts)
  }

  // #bound lets the oldest waiting posts go; the gap they leave will be shown.
  #bound() {
    while (this.#waiting.size > limits.pending) {
      const [key, item] = this.#waiting.entries().next().value
      this.#waiting.delete(key)
      this.#dropped += item.html ? 1 : (item.missed ?? NaN)
    }
  }

  #bury(card) {
    if (this.#feed.bury(card)) this.#announcer.say(card.ariaLabel)
  }

  #known(id) {
    return this.#waiting.has(id) || this.#feed.find(id) || this.#feed.runs.find(id)
  }

  // #retire keeps what was posted to a log that is no more, as history: it is or
  // will be shown, but an id from now on is that of another post.
  #retire() {
    this.#destroyed.clear()
    const waiting = [...this.#waiting.values()]
    this.#waiting = new Map(waiting.map(item => [Symbol("old"), item]))
    this.#feed.retire(waiting)
  }

  // #remember keeps a post that was deleted from coming back late.
  #remember(id) {
    this.#destroyed.add(id)
    if (this.#destroyed.size > limits.destroyed) this.#destroyed.delete(this.#destroyed.values().next().value)
  }
}
