// A wall of columns: a new post appears at the top of one, and the lowest leave it if they have no room.

import { create, find } from "./dom.js"
import { fit } from "./fit.js"

const GLIDE_MS = 900
const SMALLER = [1, 0.85, 0.7, 0.55] // the sizes to try for a post that is taller than its column
const still = matchMedia("(prefers-reduced-motion: reduce)")

// Columns marks the posts in the columns as shown. Pinned posts stay at the top, at most one in each column.
export class Columns {
  #screen
  #columns
  #next = 0 // index of the column whose turn it is
  #pinned = []

  constructor(screen, list) {
    this.#screen = screen
    const n = Number(getComputedStyle(list).getPropertyValue("--columns")) || 1
    this.#columns = Array.from({ length: n }, () => new Column(screen))
    list.replaceChildren(...this.#columns.map(column => column.element))
  }

  // fill shows posts, which are ordered newest first, as far as there is room.
  fill(posts) {
    this.#pin()
    for (const post of posts.filter(post => !post.shown)) this.#emptiest.append(post) // or a shorter one will fit
  }

  // show shows a post at the top of the emptiest column. If it has no room there, the columns take turns.
  show(post) {
    if (post.shown) return
    const emptiest = this.#emptiest
    const column = emptiest.hasRoomFor(post) ? emptiest : this.#columns[this.#next]
    column.prepend(post)
    this.#next = (this.#columns.indexOf(column) + 1) % this.#columns.length
  }

  remove(post) {
    for (const column of this.#columns) column.remove(post)
  }

  // arrange is called when posts, pins or the size of the window have changed. Posts fill columns that are half
  // empty.
  arrange() {
    this.#pin()
    for (const column of this.#columns) column.trim()
    if (this.#screen.running && this.#columns.some(column => column.isHalfEmpty)) this.fill(this.#screen.posts.toReversed())
  }

  // #emptiest is the column with the most room; of equal ones, the next in turn.
  get #emptiest() {
    const inTurn = [...this.#columns.slice(this.#next), ...this.#columns.slice(0, this.#next)]
    return inTurn.reduce((best, column) => column.free > best.free ? column : best)
  }

  #pin() {
    const pinned = this.#screen.pinned.slice(0, this.#columns.length)
    if (pinned.length === this.#pinned.length && pinned.every((post, i) => post === this.#pinned[i])) return
    for (const post of [...this.#pinned, ...pinned]) this.remove(post)
    this.#pinned = pinned
    pinned.forEach((post, i) => this.#columns[i].pin(post))
  }
}

class Column {
  element = create("div", "wall__column")

  #screen
  #top = create("div", "wall__pin")
  #stack = create("div", "wall__stack")
  #posts = new Map() // card → post

  constructor(screen) {
    this.#screen = screen
    const room = create("div", "wall__room")
    room.append(this.#stack)
    this.element.append(this.#top, room)
  }

  get isHalfEmpty() {
    return this.#stack.offsetHeight < this.#room / 2
  }

  // free is the height that no post takes, in pixels. It is negative until the lowest posts have left.
  get free() {
    return this.#room - this.#stack.offsetHeight
  }

  hasRoomFor(post) {
    const card = this.#screen.card(post)
    this.#stack.append(card)
    this.#fit(card)
    const has = this.free >= 0
    card.remove()
    return has
  }

  pin(post) {
    this.#top.append(find("pinned").content.cloneNode(true), this.#take(post))
    fit(this.#screen.card(post), this.element.clientHeight / 2, SMALLER)
  }

  // append adds a post below the others if there is room.
  append(post) {
    const card = this.#take(post)
    this.#stack.append(card)
    this.#fit(card)
    if (this.free < 0) this.remove(post)
  }

  prepend(post) {
    for (const card of this.#stack.children) delete card.dataset.new
    const card = this.#take(post)
    card.dataset.new = ""
    this.#stack.prepend(card)
    this.#fit(card)
    if (still.matches) return this.trim()
    const from = `0 ${-card.getBoundingClientRect().height}px`
    this.#stack.animate([{ translate: from }, { translate: "0 0" }], { duration: GLIDE_MS, easing: "cubic-bezier(.2, .7, .2, 1)" })
    setTimeout(() => this.trim(), GLIDE_MS)
  }

  // trim removes the lowest posts until the others fit.
  trim() {
    while (this.#stack.childElementCount > 1 && this.free < 0) this.remove(this.#posts.get(this.#stack.lastElementChild))
    if (this.#stack.firstElementChild) this.#fit(this.#stack.firstElementChild)
  }

  remove(post) {
    if (!this.#posts.delete(post.card)) return
    if (post.card.parentElement === this.#top) this.#top.replaceChildren()
    post.card.remove()
    post.card = undefined // the post is small without it
    post.shown = false
  }

  get #room() {
    return this.#stack.parentElement.clientHeight
  }

  #take(post) {
    const card = this.#screen.card(post)
    post.shown = true
    this.#posts.set(card, post)
    return card
  }

  #fit(card) {
    fit(card, this.#room, SMALLER)
  }
}
