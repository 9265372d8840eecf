// Applies events to posts, and decides when the list shows new posts.

import * as limits from "./limits.js"
import { Memory } from "./memory.js"
import { Pace } from "./pace.js"
import { Rate } from "./rate.js"
import { rowsOf } from "./rows.js"

const REVIEW = 50 // shortest time in ms between two reviews of what to show

export class Timeline {
  #feed
  #scroller
  #holding
  #status
  #announcer
  #pill
  #past // whether this is a page of the past
  #newer = 0 // number of new posts, while new posts are only counted
  #newest = 0 // offset of the newest of them
  #paused = Memory.read("sessionStorage", "paused") === "yes"
  #rate = new Rate()
  #pace = new Pace(() => this.#scroller.room)
  #waiting = new Map() // post id → post, and a symbol → { missed } for each gap; oldest first
  #dropped = 0 // number of posts dropped because too many were waiting; NaN if unknown
  #deleted = new Set()
  #releasedAt = -Infinity // when a batch was last shown or held back
  #reviewedAt = -Infinity
  #soon // timer of the next review
  #timer // of the next batch

  // past is true on a page of the past, where new posts are only counted. Edits and deletions take effect
  // there, too.
  constructor({ feed, scroller, holding, status, announcer, pill, past }) {
    this.#feed = feed
    this.#scroller = scroller
    this.#holding = holding
    this.#status = status
    this.#announcer = announcer
    this.#pill = pill
    this.#past = past
    addEventListener("scroll", () => this.#changed(), { passive: true })
    document.addEventListener("visibilitychange", () => this.#changed())
  }

  // Events of the channel

  create({ data, offset }) {
    if (!data.html || this.#deleted.has(data.id)) return
    if (this.#known(data.id)) return this.update({ data }, offset)
    if (this.still) return this.#countNewer(offset)
    if (!data.late) this.#rate.add()
    this.#waiting.set(data.id, { id: data.id, html: data.html, late: data.late, offset, at: Date.now() })
    this.#bound()
    this.#changed()
  }

  // update replaces a post, whether it is waiting, folded or shown. It returns whether the page has the post.
  // created is the offset of the post in the log, if known. A post from before a replaced log has none yet.
  update({ data }, created) {
    const card = this.#feed.find(data.id)
    const post = this.#waiting.get(data.id) ?? this.#feed.runs.find(data.id)
    if (post) Object.assign(post, { html: data.html, fresh: undefined, offset: post.offset ?? created })
    if (card && created) card.dataset.seq ??= created
    if (card) this.#replace(card, data.html)
    return Boolean(post || card)
  }

  // refresh updates a post from its card on a fetched page.
  refresh(card) {
    const { post: id } = card.dataset
    const post = this.#waiting.get(id) ?? this.#feed.runs.find(id)
    if (post) post.fresh = card.cloneNode(true)
    this.#feed.refresh(card)
  }

  // destroy removes a post, and returns whether the page had it.
  destroy({ data: { id, reason } }) {
    const known = Boolean(this.#known(id))
    this.#remember(id)
    this.#waiting.delete(id)
    if (this.#feed.runs.find(id)) this.#scroller.keep(() => this.#feed.takeOut(id))
    const card = this.#feed.find(id)
    if (card) this.#scroller.keep(() => this.#markDeleted(card, reason))
    this.#changed()
    return known
  }

  gap({ missed, reset }) {
    if (missed === 0) return
    if (reset) this.#forgetOffsets()
    this.#waiting.set(Symbol("gap"), { missed })
    this.#status.gap(missed)
    this.#changed()
  }

  isDeleted(id) {
    return this.#deleted.has(id)
  }

  // still reports whether new posts are only counted, because the list doesn't reach up to them.
  get still() {
    return this.#past || this.#feed.detached
  }

  // reached is called when the list has all posts up to an offset. If there are no newer ones, new posts are
  // inserted again.
  reached(offset) {
    if (this.#newest > offset) return
    this.#feed.detached = false
    this.#newer = 0
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

  // show inserts all waiting posts, the newest as cards and the others folded, and scrolls to the top.
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

  #countNewer(offset) {
    this.#newer++
    this.#newest = offset
    this.#changed()
  }

  // #countWaiting counts the waiting posts instead of keeping them, when the list has become still.
  #countWaiting() {
    this.#newer += this.#count
    this.#newest = Math.max(this.#newest, ...[...this.#waiting.values()].map(({ offset }) => offset ?? 0))
    this.#waiting.clear()
    this.#dropped = 0
  }

  // #replace shows a new version of a card, which can have another height. If the card is the first at
  // the top of the page, the page then scrolls as for a new card. If the header hides the card's top,
  // what is below the card keeps its position; otherwise the top of what is being read does.
  #replace(card, html) {
    const change = () => this.#feed.replace(card, html)
    const below = card === this.#scroller.reading && this.#feed.after(card)
    if (!below) this.#scroller.keep(change)
    else if (this.#scroller.atTop) this.#scroller.flow(change, below)
    else this.#scroller.keep(change, this.#scroller.isCut(card) ? below : card)
  }

  // #changed schedules a review after an event that can change what to show. Calls until the review
  // share it.
  #changed() {
    this.#soon ??= setTimeout(() => this.#review(), Math.max(0, this.#reviewedAt + REVIEW - performance.now()))
  }

  #review() {
    this.#soon = undefined
    this.#reviewedAt = performance.now()
    if (this.still) return this.#reviewStill()
    const rate = this.#rate.value
    const waiting = this.#flows ? 0 : this.#count
    this.#status.reader({ paused: this.#paused, waiting, rate: this.#stopped ? 0 : rate })
    this.#pill.show(waiting, this.#stopped || document.hidden)
    this.#announcer.waiting(waiting)
    if (this.#waiting.size > 0 || rate > 0) this.#timer ??= setTimeout(() => this.#tick(), this.#wait)
  }

  #reviewStill() {
    this.#countWaiting()
    this.#status.reader({ paused: false, waiting: this.#past || this.#newer, rate: 0 })
    if (!this.#past) this.#pill.show(this.#newer, true)
  }

  // #reading reports whether the reader has paused the stream or scrolled down.
  get #reading() {
    return this.#paused || !this.#scroller.atTop
  }

  // #stopped reports whether new posts wait because the reader has paused, has scrolled down or is using
  // the list.
  get #stopped() {
    return this.#reading || this.#holding.active
  }

  // #flows reports whether new posts are shown without the reader's action. They aren't while the tab is
  // hidden, or while the stream is too fast to read.
  get #flows() {
    return !this.still && !this.#stopped && !document.hidden && this.#rate.value === 0
  }

  #tick() {
    this.#timer = undefined
    if (this.#flows && this.#waiting.size > 0) this.#flow(this.#pace.cards)
    else this.#releasedAt = performance.now()
    this.#changed()
  }

  // #flow releases the waiting posts, except those that #deferred keeps for the next batch.
  #flow(most) {
    const deferred = this.#deferred(most)
    for (const [key] of deferred) this.#waiting.delete(key)
    this.#release(most, this.#motion)
    this.#waiting = new Map(deferred)
  }

  // #deferred returns the newest waiting posts that must wait for the next batch: those beyond most, the
  // number of cards that can be inserted now, if they are too few for a folded row.
  #deferred(most) {
    const items = [...this.#waiting]
    const posts = items.filter(([, { html }]) => html)
    const surplus = posts.length - most
    return surplus > 0 && surplus < limits.fold ? items.slice(items.indexOf(posts[most])) : []
  }

  // #wait is the time until the next batch in ms: 0 after a quiet time.
  get #wait() {
    return Math.max(0, this.#releasedAt + limits.batchMs - performance.now())
  }

  // #count is the number of waiting posts, without those that arrived late.
  get #count() {
    return [...this.#waiting.values()].filter(item => item.html && !item.late).length
  }

  // #motion returns the function that inserts rows: with a smooth scroll, or without if all waiting posts
  // arrived late, because those are no news.
  get #motion() {
    const late = [...this.#waiting.values()].every(item => item.late)
    return late ? change => change() : change => this.#scroller.flow(change)
  }

  #release(most, apply) {
    const rows = [...rowsOf([...this.#waiting.values()], most, this.#dropped, this.#feed)]
    this.#waiting.clear()
    this.#dropped = 0
    this.#releasedAt = performance.now()
    if (rows.length === 0) return // all posts have joined the folded row at the top
    apply(() => this.#feed.prepend(rows))
    this.#pace.spend(rows)
    this.#feed.trim(row => this.#scroller.sees(row) || this.#holding.has(row))
  }

  // #bound drops the oldest waiting posts beyond limits.pending. A gap will be shown in their place.
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

  // #forgetOffsets is called when the server has replaced its log. The posts keep their ids: the new log can
  // hold the same posts, and a deletion must still reach them.
  #forgetOffsets() {
    for (const item of this.#waiting.values()) delete item.offset
    this.#feed.forgetOffsets()
  }

  // #remember records the id of a deleted post, because its create event can still arrive.
  #remember(id) {
    this.#deleted.add(id)
    if (this.#deleted.size > limits.deleted) this.#deleted.delete(this.#deleted.values().next().value)
  }
}
