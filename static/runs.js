// Folded rows, each of which stands for several posts.

import { create } from "./dom.js"
import * as limits from "./limits.js"

const LONG = 10 // seconds; a row whose posts arrived in less time doesn't show that time

// created returns when a post was made, as its card says.
const created = ({ html }) => /datetime="(.*?)"/.exec(html)?.[1] ?? ""

// Runs makes folded rows for posts that arrived too fast to be shown. A row keeps its posts as data until
// the reader opens it, and has the offset of its newest post. While all rows together keep more than
// limits.pending posts, the oldest row loses its posts.
export class Runs {
  #words
  #onopen
  #posts = new Map() // row → its posts, oldest first
  #rows = new Map() // post id → its row

  constructor(words, onopen) {
    this.#words = words
    this.#onopen = onopen
  }

  get posts() {
    return [...this.#posts.values()].flat()
  }

  row(posts) {
    const row = create("article", "run")
    const button = create("button", "run__open")
    button.addEventListener("click", () => this.#onopen(row))
    row.append(button)
    this.#set(row, posts)
    this.#forget()
    return row
  }

  // extend adds newer posts to a folded row. It returns false if row isn't one, or if the row has lost its
  // posts because of limits.pending.
  extend(row, posts) {
    const folded = this.#posts.get(row)
    if (!folded) return false
    this.#set(row, [...folded, ...posts])
    this.#forget()
    return this.#posts.has(row)
  }

  // take removes and returns the posts of a row.
  take(row) {
    const posts = this.#posts.get(row)
    this.#posts.delete(row)
    for (const { id } of posts ?? []) this.#rows.delete(id)
    return posts
  }

  find(id) {
    return this.#posts.get(this.#rows.get(id))?.find(post => post.id === id)
  }

  // delete removes a post. It returns the post's row if that has no posts left.
  delete(id) {
    const row = this.#rows.get(id)
    if (!row) return
    this.#rows.delete(id)
    const left = this.#posts.get(row).filter(post => post.id !== id)
    if (left.length === 0) return row
    this.#set(row, left)
  }

  #set(row, posts) {
    this.#posts.set(row, posts)
    for (const { id } of posts) this.#rows.set(id, row)
    row.dataset.seq = posts.at(-1).offset ?? ""
    row.dataset.oldest = created(posts[0])
    row.dataset.newest = created(posts.at(-1))
    row.ariaLabel = row.firstChild.textContent = this.#summary(posts)
  }

  #summary(posts) {
    const n = posts.length
    const s = Math.round((posts.at(-1).at - posts[0].at) / 1000) || 0
    if (s < LONG) return this.#words.count("folded", n)
    return s < 100 ? this.#words.say("folded-s", { n, s }) : this.#words.say("folded-min", { n, s: Math.round(s / 60) })
  }

  #forget() {
    let kept = this.posts.length
    for (const [row, posts] of this.#posts) {
      if (kept <= limits.pending) return
      kept -= posts.length
      this.take(row)
      row.ariaLabel = this.#words.say("forgotten", { n: posts.length })
      row.replaceChildren(create("p", "run__forgotten", row.ariaLabel))
    }
  }
}
