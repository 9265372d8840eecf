// Folded rows.

import { create } from "./dom.js"
import { limits } from "./limits.js"

// Runs are rows that each stand for posts that arrived too fast to be shown. A row keeps
// its posts as data until it is opened. Beyond limits.pending posts in all, the oldest rows
// lose theirs.
export class Runs {
  #words
  #onopen
  #posts = new Map() // row → its posts, oldest first

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
    this.#label(row, posts)
    this.#forget()
    return row
  }

  // take removes and returns the posts of a row.
  take(row) {
    const posts = this.#posts.get(row)
    this.#posts.delete(row)
    return posts
  }

  find(id) {
    return this.posts.find(post => post.id === id)
  }

  // delete removes a post. It returns the row if that has no posts left.
  delete(id) {
    for (const [row, posts] of this.#posts) {
      const left = posts.filter(post => post.id !== id)
      if (left.length === 0) return row
      if (left.length < posts.length) this.#label(row, left)
    }
  }

  #label(row, posts) {
    this.#posts.set(row, posts)
    row.ariaLabel = row.firstChild.textContent = this.#summary(posts)
  }

  #summary(posts) {
    const n = posts.length
    const s = Math.max(1, Math.round((posts.at(-1)?.at - posts[0]?.at) / 1000) || 0)
    return s < 100 ? this.#words.say("more-s", { n, s }) : this.#words.say("more-min", { n, s: Math.round(s / 60) })
  }

  #forget() {
    let kept = this.posts.length
    for (const [row, posts] of this.#posts) {
      if (kept <= limits.pending) return
      kept -= posts.length
      this.#posts.delete(row)
      row.ariaLabel = this.#words.say("forgotten", { n: posts.length })
      row.replaceChildren(create("p", "run__forgotten", row.ariaLabel))
    }
  }
}
