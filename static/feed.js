// The list of rows in the document, newest first: cards, folded rows, gaps, minute ticks.

import { attempt } from "./channel.js"
import { assign, create, element, find } from "./dom.js"
import { Gaps } from "./gaps.js"
import { replaceBroken } from "./missing.js"
import * as limits from "./limits.js"
import { patch } from "./patch.js"
import { Runs } from "./runs.js"
import { markMinute, minute } from "./ticks.js"

export class Feed {
  detached = false // whether newer posts than the first of the list have been removed from its top

  #list = find("feed")
  #older = find("older")
  #newer = find("newer")
  #empty = find("empty")
  #words
  #clock
  #scroller
  #offscreen = new IntersectionObserver(entries => this.#collapse(entries))

  constructor(words, clock, scroller) {
    this.#words = words
    this.#clock = clock
    this.#scroller = scroller
    this.gaps = new Gaps(words, clock)
    this.runs = new Runs(words, row => this.unfold(row))
    this.#list.addEventListener("error", ({ target }) => replaceBroken(target, words), { capture: true })
    this.#list.addEventListener("focusin", () => this.#number())
    this.cards.toReversed().forEach((card, i, all) => attempt(() => {
      clock.localize(card)
      this.#mark(card, all[i - 1])
    }))
    this.#number()
    for (const image of this.#list.querySelectorAll("img")) {
      if (image.complete && !image.naturalWidth) replaceBroken(image, words) // failed before the listener was added
    }
  }

  get cards() {
    return [...this.#list.querySelectorAll(":scope > .tweet")]
  }

  get articles() {
    return [...this.#list.querySelectorAll(":scope > article")]
  }

  get focused() {
    return document.activeElement.closest("#feed > article")
  }

  find(id) {
    return this.#list.querySelector(`:scope > .tweet[data-post="${CSS.escape(id)}"]`)
  }

  // newest returns the offset of the newest post in the list.
  get newest() {
    return Math.max(0, ...this.articles.map(row => Number(row.dataset.seq ?? 0)))
  }

  // after returns the article below a row.
  after(row) {
    const all = this.articles
    return all[all.indexOf(row) + 1]
  }

  // Making rows

  // card makes the card of a post, from its HTML or, if given, from fresh, a card of a fetched page.
  // Like the server does in the page, it stores the offset of the post in the card, if the post has one.
  card({ html, fresh, offset, late }) {
    const card = fresh ?? element(html)
    if (offset) card.dataset.seq = offset
    if (late) card.dataset.late = ""
    minute(card) // throws if the element isn't a card
    this.#words.translate(card)
    this.#clock.localize(card)
    return card
  }

  // row returns the card of a post, or a row for a gap of one post if the card can't be made.
  row(post) {
    return attempt(() => this.card(post)) ?? this.gaps.row(1)
  }

  // Changing the list

  // prepend inserts rows, which are ordered newest first, at the top.
  prepend(rows) {
    this.#list.ariaBusy = "true"
    let below = this.cards[0]
    for (const row of rows.toReversed()) {
      this.#list.prepend(row)
      if (!row.matches(".tweet")) continue
      this.#mark(row, below)
      if (!("late" in row.dataset)) this.#wash(row)
      below = row
    }
    this.gaps.date()
    this.#number()
    this.#list.ariaBusy = null
  }

  // append adds the cards of a fetched page, which are ordered newest first, at the bottom.
  append(cards) {
    const above = this.cards.at(-1)
    this.#list.append(...cards)
    this.#added([above, ...cards])
  }

  // insertAbove adds such cards at the top.
  insertAbove(cards) {
    const below = this.cards[0]
    this.#list.prepend(...cards)
    this.#added([...cards, below])
  }

  // fold adds newer posts to the row at the top if that is a folded row. It returns whether the row now
  // holds them.
  fold(posts) {
    return this.runs.extend(this.#list.firstElementChild, posts)
  }

  clear() {
    this.#list.replaceChildren()
  }

  // replace shows the new version of a post in its card. Parts that haven't changed keep their elements.
  replace(card, html) {
    this.#patch(card, this.card({ html }))
  }

  // refresh makes the card of a post in the list, if there is one, equal to fresh, a card of the same
  // post from a fetched page.
  refresh(fresh) {
    const card = this.find(fresh.dataset.post)
    this.#clock.localize(fresh)
    if (card) this.#scroller.keep(() => this.#patch(card, fresh))
  }

  // markDeleted replaces the content of a card by the reason why its post is gone. The row keeps its
  // height while it is in view, so that the rows below don't move, and is then removed. markDeleted
  // returns whether the card had the focus, which then moves to a row beside it.
  markDeleted(card, reason) {
    const focused = card.contains(document.activeElement)
    card.style.minBlockSize = `${card.getBoundingClientRect().height}px`
    card.removeAttribute("aria-labelledby")
    card.ariaLabel = this.#words.deleted(reason)
    card.replaceChildren(card.querySelector(".tweet__mark"), create("p", "grave__words", card.ariaLabel))
    card.classList.replace("tweet", "grave")
    this.#offscreen.observe(card)
    if (focused) this.#beside(card)?.focus()
    return focused
  }

  // takeOut removes a post from its folded row. If the row has no other posts, it is removed, too.
  takeOut(id) {
    const row = this.runs.delete(id)
    if (!row) return
    const next = row.contains(document.activeElement) ? this.#beside(row) : null
    this.#remove(row)
    this.#number()
    next?.focus()
  }

  // forgetOffsets is called when the server has replaced its log, in which the offsets of all rows mean
  // nothing. The link to older posts then leads to the page of the newest posts, because the old log has
  // no pages any more.
  forgetOffsets() {
    for (const row of this.articles) delete row.dataset.seq
    for (const post of this.runs.posts) delete post.offset
    this.#older.href = this.#list.dataset.path
  }

  // trim removes rows from the far end until cap cards are left, and stops at a row in use. It
  // chooses all rows before it removes any: each check after a removal would cause a new layout.
  trim(inUse, cap = limits.cap) {
    for (const row of this.#surplus(inUse, cap, "lastElementChild", "previousElementSibling")) {
      this.#continueBefore(row)
      this.#remove(row)
    }
  }

  // trimTop removes rows from the top in the same way. New posts can then no longer be inserted there.
  trimTop(inUse, cap) {
    const rows = this.#surplus(inUse, cap, "firstElementChild", "nextElementSibling")
    if (rows.length === 0) return
    this.detached = true
    this.#scroller.keep(() => {
      this.#newer.hidden = false
      for (const row of rows) this.#remove(row)
    })
    this.#number()
  }

  #surplus(inUse, cap, first, next) {
    let surplus = this.cards.length - cap
    const unused = []
    for (let row = this.#list[first]; surplus > 0 && !inUse(row); row = row[next]) {
      if (row.matches(".tweet")) surplus--
      unused.push(row)
    }
    return unused
  }

  // step moves the focus to the next row (by is 1) or to the previous one (-1). If no row has the focus,
  // the row being read gets it.
  step(by) {
    const all = this.articles
    const at = all.indexOf(this.focused)
    const next = at < 0 ? this.#scroller.reading : all[at + by]
    next?.focus()
  }

  // unfold replaces a folded row by the cards of its posts. The first card gets the focus without
  // scrolling, because it is where the row was.
  unfold(row) {
    const cards = this.runs.take(row).map(post => this.row(post)).reverse()
    row.replaceWith(...cards)
    this.#number()
    cards[0]?.focus({ preventScroll: true })
  }

  // Internal

  #patch(card, fresh) {
    const focused = card.contains(document.activeElement)
    patch(card, fresh)
    if (focused && !card.contains(document.activeElement)) card.focus()
  }

  // #continueBefore is called with a row that is leaving the list. It sets the link to older posts to a
  // page that begins with that row.
  #continueBefore({ dataset: { seq } }) {
    if (!seq) return
    this.#older.hidden = false
    const { older, epoch } = this.#list.dataset
    this.#older.href = `${older}${epoch}:${Number(seq) + 1}`
  }

  // #beside returns the row after a row or, if that is the last, the row before it.
  #beside(row) {
    const all = this.articles
    const at = all.indexOf(row)
    return all[at + 1] ?? all[at - 1]
  }

  // #added completes added cards, of which one was in the list before. That one is undefined if the list was empty.
  #added(cards) {
    cards.forEach((card, i) => {
      if (card) this.#clock.localize(card)
      markMinute(cards[i - 1], card, this.#words)
    })
    this.#number()
  }

  // #mark adds the minute of the posts below a new card, unless posts of a later minute are further below: posts
  // can arrive late.
  #mark(card, below) {
    markMinute(card, below, this.#words, this.#list.querySelector(".tick")?.dataset.minute)
  }

  #wash(card) {
    card.dataset.new = ""
    setTimeout(() => delete card.dataset.new, limits.washMs)
  }

  // #number gives each row its position in the list, for screen readers, and keeps exactly one row in
  // the Tab order.
  #number() {
    const articles = this.articles
    const current = this.focused ?? articles[0]
    articles.forEach((article, i) => {
      assign(article, "aria-posinset", String(i + 1))
      assign(article, "aria-setsize", "-1")
      assign(article, "tabindex", article === current ? "0" : "-1")
    })
    assign(this.#list, "role", articles.length > 0 ? "feed" : null)
    assign(this.#empty, "hidden", articles.length > 0 ? "" : null)
  }

  #collapse(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) this.#scroller.keep(() => this.#remove(target))
    }
    this.#number()
  }

  #remove(row) {
    this.#offscreen.unobserve(row)
    this.runs.take(row)
    row.remove()
  }
}
