// The list as it stands in the document, newest first.

import { attempt } from "./channel.js"
import { create, element } from "./elements.js"
import { limits } from "./page.js"
import { Runs } from "./runs.js"

// stamped gives a card its offset, with the same bytes as the server does.
function stamped(html, offset) {
  return html.replace("<article", `<article data-seq="${offset}"`)
}

// retired takes from a card, or what is left of one, all that its log knew it by,
// and keeps the ids inside apart from those of the same post in another log.
function retired(card, epoch) {
  delete card.dataset.post
  delete card.dataset.seq
  for (const part of card.querySelectorAll("[id]")) part.id += `-${epoch}`
  const name = card.getAttribute("aria-labelledby")
  if (name) card.setAttribute("aria-labelledby", name.split(" ").map(id => `${id}-${epoch}`).join(" "))
  return card
}

const minute = card => Math.floor(new Date(card.querySelector(".tweet__age").dateTime) / 60_000)

export class Feed {
  #list = document.getElementById("feed")
  #older = document.getElementById("older")
  #empty = document.getElementById("empty")
  #words
  #clock
  #scroller
  #offscreen = new IntersectionObserver(entries => this.#collapse(entries))

  constructor(words, clock, scroller) {
    this.#words = words
    this.#clock = clock
    this.#scroller = scroller
    this.runs = new Runs(words, row => this.unfold(row))
    this.#list.addEventListener("error", ({ target }) => this.#broken(target), { capture: true })
    this.#list.addEventListener("focusin", () => this.#number())
    this.cards.toReversed().forEach((card, i, all) => attempt(() => {
      clock.adopt(card)
      this.#mark(card, all[i - 1])
    }))
    this.#number()
    for (const image of this.#list.querySelectorAll("img")) {
      if (image.complete && !image.naturalWidth) this.#broken(image) // before we listened
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

  // Making rows

  card({ html, offset, epoch, late }) {
    const card = element(stamped(html, offset))
    if (late) card.dataset.late = ""
    this.#words.translate(card)
    this.#clock.adopt(card)
    return epoch ? retired(card, epoch) : card
  }

  // row is the card of a post or, should it be impossible to make, the gap that it leaves.
  row(post) {
    return attempt(() => this.card(post)) ?? this.gap(1)
  }

  gap(missed) {
    const text = this.#words.gap(missed)
    const row = create("article", "gap", text)
    row.ariaLabel = text
    return row
  }

  // Changing the list

  // prepend puts rows, newest first, at the top.
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
    this.#number()
    this.#list.ariaBusy = null
  }

  // replace shows a post anew, where it was and as it was.
  replace(old, html) {
    const card = this.card({ html, offset: old.dataset.seq })
    const covers = card.querySelectorAll("details")
    old.querySelectorAll("details").forEach((cover, i) => covers[i] && (covers[i].open = cover.open))
    const focused = old.contains(document.activeElement)
    old.replaceWith(card)
    this.#number()
    if (focused) card.focus()
  }

  // bury takes all of a post away but its place, which goes too once it is out
  // of sight. It tells whether the focus had to move.
  bury(card) {
    const focused = card.contains(document.activeElement)
    card.removeAttribute("aria-labelledby")
    card.ariaLabel = this.#words.say("deleted")
    card.replaceChildren(card.querySelector(".tweet__mark"), create("p", "grave__words", card.ariaLabel))
    card.classList.replace("tweet", "grave")
    this.#offscreen.observe(card)
    if (focused) this.#beside(card)?.focus()
    return focused
  }

  // takeOut takes a post out of its run, which goes too if that was all of it.
  takeOut(id) {
    const row = this.runs.delete(id)
    if (!row) return
    const next = row.contains(document.activeElement) ? this.#beside(row) : null
    this.#remove(row)
    this.#number()
    next?.focus()
  }

  // retire makes history of all cards, and of posts that are yet to become cards:
  // their epoch is over. What it was can't be continued on another page.
  retire(waiting) {
    const { epoch } = this.#list.dataset
    for (const card of this.#list.querySelectorAll(":scope > [data-post]")) retired(card, epoch)
    for (const post of [...waiting, ...this.runs.posts]) {
      delete post.id
      post.epoch ??= epoch
    }
    this.#older.href = "/"
  }

  // trim takes rows from the far end, up to the first that is in use.
  trim(inUse) {
    let surplus = this.cards.length - limits.cap
    for (let last; surplus > 0 && !inUse((last = this.#list.lastElementChild)); this.#remove(last)) {
      if (last.matches(".tweet")) surplus--
      this.#continueBefore(last)
    }
  }

  // step moves the focus to the next (1) or previous (-1) row.
  step(by) {
    const all = this.articles
    const at = all.indexOf(this.focused)
    const next = at < 0 ? this.#scroller.reading : all[at + by]
    next?.focus()
  }

  // unfold shows the posts of a run in its place.
  unfold(row) {
    const cards = this.runs.take(row).map(post => this.row(post)).reverse()
    row.replaceWith(...cards)
    this.#number()
    cards[0]?.focus()
  }

  // Internal

  // #continueBefore lets the link to older posts begin with what leaves the list.
  #continueBefore({ dataset: { seq } }) {
    if (!seq) return
    this.#older.hidden = false
    this.#older.href = `/?before=${this.#list.dataset.epoch}:${Number(seq) + 1}`
  }

  // #beside is the row after or, of the last, before.
  #beside(row) {
    const all = this.articles
    const at = all.indexOf(row)
    return all[at + 1] ?? all[at - 1]
  }

  // #mark writes the minute on the river where one begins.
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

  // #number keeps positions for screen readers, and exactly one row in the tab order.
  #number() {
    const articles = this.articles
    const current = this.focused ?? articles[0]
    articles.forEach((article, i) => {
      article.ariaPosInSet = i + 1
      article.ariaSetSize = -1
      article.tabIndex = article === current ? 0 : -1
    })
    this.#list.role = articles.length > 0 ? "feed" : null
    this.#empty.hidden = articles.length > 0
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

  // #broken puts an author's initial where a picture of them does not load, and the
  // words that an emoji stands for. A picture in a post keeps its room, for its description.
  #broken(image) {
    if (image.matches(".media__image")) image.classList.add("media__image--missing")
    if (image.matches(".preview__image")) return image.remove()
    if (image.matches(".tweet__emoji")) return image.replaceWith(image.alt)
    if (!image.matches(".tweet__avatar, .quote__avatar")) return
    const name = image.closest("article, blockquote").querySelector(".quote__name, .tweet__name")
    image.replaceWith(create("span", image.className, [...name.textContent][0]))
  }
}
