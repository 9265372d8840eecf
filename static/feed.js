// The list of rows in the document, newest first: cards, folded rows, gaps, minute ticks.

import { attempt } from "./channel.js"
import { create, element, find } from "./dom.js"
import { Gaps } from "./gaps.js"
import { markMissing } from "./missing.js"
import { limits } from "./limits.js"
import { patch } from "./patch.js"
import { Runs } from "./runs.js"

// stamped adds the offset to a card, as the server does for the cards of the page.
function stamped(html, offset) {
  return html.replace("<article", `<article data-seq="${offset}"`)
}

// retired removes from a card what identified it in its log, and makes the ids inside unique:
// the new log may hold the same post.
function retired(card, epoch) {
  delete card.dataset.post
  delete card.dataset.seq
  for (const part of card.querySelectorAll("[id]")) part.id += `-${epoch}`
  const name = card.getAttribute("aria-labelledby")
  if (name) card.setAttribute("aria-labelledby", name.split(" ").map(id => `${id}-${epoch}`).join(" "))
  return card
}

const minute = card => Math.floor(new Date(card.querySelector(".tweet__age").dateTime) / 60_000)

// assign sets an attribute, or removes it, only where its value changes.
function assign(element, name, value) {
  if (element.getAttribute(name) === value) return
  if (value === null) element.removeAttribute(name)
  else element.setAttribute(name, value)
}

export class Feed {
  #list = find("feed")
  #older = find("older")
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
    this.#list.addEventListener("error", ({ target }) => this.#broken(target), { capture: true })
    this.#list.addEventListener("focusin", () => this.#number())
    this.cards.toReversed().forEach((card, i, all) => attempt(() => {
      clock.localize(card)
      this.#mark(card, all[i - 1])
    }))
    this.#number()
    for (const image of this.#list.querySelectorAll("img")) {
      if (image.complete && !image.naturalWidth) this.#broken(image) // failed before the listener was added
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

  // card makes the card of a post, of its HTML or of a card of the server's.
  card({ html, fresh, offset, epoch, late }) {
    const card = fresh ?? element(stamped(html, offset))
    if (late) card.dataset.late = ""
    minute(card) // throws if this is no card
    this.#words.translate(card)
    this.#clock.localize(card)
    return epoch ? retired(card, epoch) : card
  }

  // row returns the card of a post, or a gap if the card can't be made.
  row(post) {
    return attempt(() => this.card(post)) ?? this.gaps.row(1)
  }

  // Changing the list

  // prepend inserts rows, newest first, at the top.
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

  // append adds cards of the server's, newest first, at the bottom.
  append(cards) {
    let above = this.cards.at(-1)
    for (const card of cards) {
      this.#list.append(card)
      this.#clock.localize(card)
      if (above && minute(above) > minute(card)) above.after(this.#tick(minute(above)))
      above = card
    }
    this.#number()
  }

  // fold adds newer posts to the row at the top, if that is a folded one. It returns whether.
  fold(posts) {
    return this.runs.extend(this.#list.firstElementChild, posts)
  }

  clear() {
    this.#list.replaceChildren()
  }

  // replace shows the new version of a post. Parts that haven't changed stay as they are.
  replace(card, html) {
    this.#patch(card, this.card({ html, offset: card.dataset.seq }))
  }

  // refresh takes a card of the server's and patches the one in the list, if there is one.
  refresh(fresh) {
    const card = this.find(fresh.dataset.post)
    this.#clock.localize(fresh)
    if (card) this.#scroller.keep(() => this.#patch(card, fresh))
  }

  // markDeleted replaces all content of a card by the reason why it is gone. The row keeps its
  // height until it is out of view, and is then removed. It returns whether the focus had to move.
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

  // takeOut removes a post from its folded row, and the row if it was the only one.
  takeOut(id) {
    const row = this.runs.delete(id)
    if (!row) return
    const next = row.contains(document.activeElement) ? this.#beside(row) : null
    this.#remove(row)
    this.#number()
    next?.focus()
  }

  // retire detaches all cards and waiting posts from their log, which the server has replaced.
  // No page of older posts continues that log.
  retire(waiting) {
    const { epoch } = this.#list.dataset
    for (const card of this.#list.querySelectorAll(":scope > [data-post]")) retired(card, epoch)
    this.runs.retire(epoch)
    for (const post of waiting) {
      delete post.id
      post.epoch ??= epoch
    }
    this.#older.href = this.#list.dataset.path
  }

  // trim removes rows from the far end, up to the first that is in use. It looks at all of them
  // before it removes the first: after that the browser would lay out the list again for each.
  trim(inUse) {
    let surplus = this.cards.length - limits.cap
    const unused = []
    for (let row = this.#list.lastElementChild; surplus > 0 && !inUse(row); row = row.previousElementSibling) {
      if (row.matches(".tweet")) surplus--
      unused.push(row)
    }
    for (const row of unused) {
      this.#continueBefore(row)
      this.#remove(row)
    }
  }

  // step moves the focus to the next (1) or previous (-1) row.
  step(by) {
    const all = this.articles
    const at = all.indexOf(this.focused)
    const next = at < 0 ? this.#scroller.reading : all[at + by]
    next?.focus()
  }

  // unfold replaces a folded row by the cards of its posts. The first is where the row was.
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

  // #continueBefore makes the link to older posts begin with the card that leaves the list.
  #continueBefore({ dataset: { seq } }) {
    if (!seq) return
    this.#older.hidden = false
    const { older, epoch } = this.#list.dataset
    this.#older.href = `${older}${epoch}:${Number(seq) + 1}`
  }

  // #beside returns the next row or, for the last, the previous one.
  #beside(row) {
    const all = this.articles
    const at = all.indexOf(row)
    return all[at + 1] ?? all[at - 1]
  }

  // #mark adds a minute tick where a minute begins.
  #mark(card, below) {
    const last = this.#list.querySelector(".tick")?.dataset.minute ?? 0
    const now = minute(card)
    if (below && now > minute(below) && now > last) card.after(this.#tick(now))
  }

  #tick(minutes) {
    const tick = create("div", "tick")
    tick.ariaHidden = "true"
    tick.dataset.minute = minutes
    tick.append(create("span", "tick__label", this.#words.hour(minutes * 60_000)))
    return tick
  }

  #wash(card) {
    card.dataset.new = ""
    setTimeout(() => delete card.dataset.new, limits.washMs)
  }

  // #number updates the positions for screen readers, and keeps exactly one row in the tab order.
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

  // #broken replaces an avatar that doesn't load by the author's initial, and an emoji by its
  // text. A picture of a post keeps its box, which then shows the description.
  #broken(image) {
    if (image.matches(".media__image")) return markMissing(image, this.#words)
    if (image.matches(".preview__image")) return image.remove()
    if (image.matches(".tweet__emoji")) return image.replaceWith(image.alt)
    if (!image.matches(".tweet__avatar, .quote__avatar")) return
    const name = image.closest("article, blockquote").querySelector(".quote__name, .tweet__name")
    image.replaceWith(create("span", image.className, [...name.textContent][0]))
  }
}
