// What happens to posts, and when the list shows it.

import { limits } from "./limits.js"
import { Memory } from "./memory.js"
import { Pace } from "./pace.js"
import { Rate } from "./rate.js"

const REVIEW = 50 // ms between two reviews of whether posts may be shown

export class Timeline {
  #feed
  #scroller
  #holding
  #status
  #announcer
  #pill
  #still
  #newer = 0 // posts counted on a page of older ones
  #paused = Memory.read("sessionStorage", "paused") === "yes"
  #rate = new Rate()
  #pace = new Pace(() => this.#scroller.room)
  #waiting = new Map() // post id → post; also unique keys → { missed }; oldest first
  #dropped = 0 // posts beyond limits.pending, older than all that wait; NaN if the number is unknown
  #deleted = new Set()
  #releasedAt = -Infinity // when the last batch was shown
  #reviewedAt = -Infinity
  #soon // timer of the next review
  #timer // of the next batch

  // still makes it a page of older posts: new ones are only counted, edits and deletions apply.
  constructor({ feed, scroller, holding, status, announcer, pill, still }) {
    this.#feed = feed
    this.#scroller = scroller
    this.#holding = holding
    this.#status = status
    this.#announcer = announcer
    this.#pill = pill
    this.#still = still
    addEventListener("scroll", () => this.#changed(), { passive: true })
    document.addEventListener("visibilitychange", () => this.#changed())
  }

  // Events of the channel

  create({ data, offset }) {
    if (!data.html || this.#deleted.has(data.id)) return
    if (this.#known(data.id)) return this.update({ data })
    if (this.#still) return this.#countNewer()
    if (!data.late) this.#rate.add()
    this.#waiting.set(data.id, { id: data.id, html: data.html, late: data.late, offset, at: Date.now() })
    this.#bound()
    this.#changed()
  }

  // update replaces a post wherever it is: waiting, folded or shown. It returns whether it is here.
  update({ data }) {
    const card = this.#feed.find(data.id)
    const post = this.#waiting.get(data.id) ?? this.#feed.runs.find(data.id)
    if (post) Object.assign(post, { html: data.html, fresh: undefined })
    if (card) this.#replace(card, data.html)
    return Boolean(post || card)
  }

  // refresh is an update by a card of the server's.
  refresh(card) {
    const { post: id } = card.dataset
    const post = this.#waiting.get(id) ?? this.#feed.runs.find(id)
    if (post) post.fresh = card.cloneNode(true)
    this.#feed.refresh(card)
  }

  destroy({ data: { id, reason } }) {
    this.#remember(id)
    this.#waiting.delete(id)
    if (this.#feed.runs.find(id)) this.#scroller.keep(() => this.#feed.takeOut(id))
    const card = this.#feed.find(id)
    if (card) this.#scroller.keep(() => this.#markDeleted(card, reason))
    this.#changed()
  }

  gap({ missed, reset }) {
    if (missed === 0) return
    if (reset) this.#retire()
    this.#waiting.set(Symbol("gap"), { missed })
    this.#status.gap(missed)
    this.#changed()
  }

  isDeleted(id) {
    return this.#deleted.has(id)
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

  // show inserts all waiting posts and scrolls to the top.
  show() {
    this.#release(limits.cap, change => change())
    this.#scroller.jumpToTop()
    this.#changed()
  }

  // posts returns the id and offset of each post that is waiting, folded or shown.
  get posts() {
    const shown = this.#feed.cards.map(({ dataset: { post, seq } }) => ({ id: post, offset: Number(seq) }))
    return [...shown, ...this.#waiting.values(), ...this.#feed.runs.posts].filter(post => post.id && post.offset)
  }

  // Internal

  #countNewer() {
    this.#newer++
    this.#changed()
  }

  // #replace lets a card at the top of the page grow as if a new one came, and one that is
  // partly above the window grow upwards: what is below it stays where it is.
  #replace(card, html) {
    const change = () => this.#feed.replace(card, html)
    const below = card === this.#scroller.reading && this.#feed.after(card)
    if (!below) this.#scroller.keep(change)
    else if (this.#scroller.atTop) this.#scroller.flow(change, below)
    else this.#scroller.keep(change, this.#scroller.isCut(card) ? below : card)
  }

  // #changed schedules a review after anything that may matter to it; many calls cause one review.
  #changed() {
    this.#soon ??= setTimeout(() => this.#review(), Math.max(0, this.#reviewedAt + REVIEW - performance.now()))
  }

  #review() {
    this.#soon = undefined
    this.#reviewedAt = performance.now()
    if (this.#still) return this.#status.reader({ paused: false, waiting: this.#newer, rate: 0 })
    const rate = this.#rate.value
    const waiting = this.#flows ? 0 : this.#count
    this.#status.reader({ paused: this.#paused, waiting, rate: this.#stopped ? 0 : rate })
    this.#pill.show(waiting, this.#stopped || document.hidden)
    this.#announcer.waiting(waiting)
    if (this.#waiting.size > 0 || rate > 0) this.#timer ??= setTimeout(() => this.#tick(), this.#wait)
  }

  // #reading reports whether the reader has paused the stream or scrolled down.
  get #reading() {
    return this.#paused || !this.#scroller.atTop
  }

  // #stopped reports whether arrivals wait because of the reader.
  get #stopped() {
    return this.#reading || this.#holding.active
  }

  // #flows reports whether arrivals are shown by themselves. Of a stream too fast to read they
  // wait for the reader to ask for them.
  get #flows() {
    return !this.#stopped && !document.hidden && this.#rate.value === 0
  }

  #tick() {
    this.#timer = undefined
    if (this.#flows && this.#waiting.size > 0) this.#flow(this.#pace.cards)
    else this.#releasedAt = performance.now()
    this.#changed()
  }

  // #flow releases the waiting posts, except those that wait for the next batch.
  #flow(most) {
    const deferred = this.#deferred(most)
    for (const [key] of deferred) this.#waiting.delete(key)
    this.#release(most, this.#motion)
    this.#waiting = new Map(deferred)
  }

  // #deferred returns the newest of the waiting posts if they exceed the cards that may be
  // inserted, but are too few for a folded row.
  #deferred(most) {
    const items = [...this.#waiting]
    const posts = items.filter(([, { html }]) => html)
    const surplus = posts.length - most
    return surplus > 0 && surplus < limits.fold ? items.slice(items.indexOf(posts[most])) : []
  }

  // #wait is the time until the next batch: 0 after a quiet time.
  get #wait() {
    return Math.max(0, this.#releasedAt + limits.batchMs - performance.now())
  }

  // #count is the number of waiting posts, without those that arrived late.
  get #count() {
    return [...this.#waiting.values()].filter(item => item.html && !item.late).length
  }

  // #motion inserts late posts, which are history, without the glide.
  get #motion() {
    const late = [...this.#waiting.values()].every(item => item.late)
    return late ? change => change() : change => this.#scroller.flow(change)
  }

  #release(most, apply) {
    const rows = [...this.#rows(most)]
    this.#waiting.clear()
    this.#dropped = 0
    this.#releasedAt = performance.now()
    if (rows.length === 0) return // all are in the folded row at the top
    apply(() => this.#feed.prepend(rows))
    this.#pace.spend(rows)
    this.#feed.trim(row => this.#scroller.sees(row) || this.#holding.has(row))
  }

  // #rows yields cards for the newest posts and folds the others, newest first. Those next to
  // a folded row at the top of the list join it.
  *#rows(most) {
    let rest = []
    for (const item of [...this.#waiting.values()].reverse()) {
      if (!item.html) {
        yield* this.#folded(rest.splice(0))
        yield this.#feed.gaps.row(item.missed)
      } else if (most-- > 0) yield this.#feed.row(item)
      else rest.unshift(item)
    }
    const joins = rest.length > 0 && this.#dropped === 0 && this.#feed.fold(rest)
    if (!joins) yield* this.#folded(rest)
    if (this.#dropped !== 0) yield this.#feed.gaps.row(this.#dropped)
  }

  // #folded yields a folded row, or cards if the posts are too few for one.
  *#folded(posts) {
    if (posts.length >= limits.fold) yield this.#feed.runs.row(posts)
    else for (const post of posts.toReversed()) yield this.#feed.row(post)
  }

  // #bound drops the oldest waiting posts beyond limits.pending; a gap will be shown for them.
  #bound() {
    while (this.#waiting.size > limits.pending) {
      const [key, item] = this.#waiting.entries().next().value
      this.#waiting.delete(key)
      this.#dropped += item.html ? 1 : (item.missed ?? NaN)
    }
  }

  #markDeleted(card, reason) {
    if (this.#feed.markDeleted(card, reason)) this.#announcer.say(card.ariaLabel)
  }

  #known(id) {
    return this.#waiting.has(id) || this.#feed.find(id) || this.#feed.runs.find(id)
  }

  // #retire detaches all posts from a log that the server has replaced. They stay in the list;
  // from now on the same id means another post.
  #retire() {
    this.#deleted.clear()
    const waiting = [...this.#waiting.values()]
    this.#waiting = new Map(waiting.map(item => [Symbol("old"), item]))
    this.#feed.retire(waiting)
  }

  // #remember records the id of a deleted post, whose create may still arrive.
  #remember(id) {
    this.#deleted.add(id)
    if (this.#deleted.size > limits.deleted) this.#deleted.delete(this.#deleted.values().next().value)
  }
}
