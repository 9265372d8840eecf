// The new posts that wait for their turn on a screen.

import * as limits from "./screenlimits.js"

// Turns gives the oldest of the newest posts that wait. If none waits and again is set, it gives a post that
// was shown before: of those shown least often, the one with the most reposts, and of these the newest.
export class Turns {
  #screen
  #again
  #waiting = []
  #times = new WeakMap() // post → number of times shown

  constructor(screen, again) {
    this.#screen = screen
    this.#again = again
  }

  add(post) {
    this.#waiting.push(post)
    if (this.#waiting.length > limits.waiting) this.#waiting.shift()
  }

  remove(post) {
    this.#waiting = this.#waiting.filter(waiting => waiting !== post)
  }

  next() {
    const post = this.#waiting.shift() ?? (this.#again ? this.#best() : undefined)
    if (post) this.note(post)
    return post
  }

  // note counts that a post is shown.
  note(post) {
    this.#times.set(post, (this.#times.get(post) ?? 0) + 1)
  }

  #best() {
    const pinned = new Set(this.#screen.pinned)
    const free = this.#screen.posts.filter(post => !post.shown && !pinned.has(post)).reverse()
    const rank = post => [this.#times.get(post) ?? 0, -reposts(this.#screen.card(post))]
    return free.map(post => [post, rank(post)]).sort(([, a], [, b]) => a[0] - b[0] || a[1] - b[1])[0]?.[0]
  }
}

// reposts returns the number of authors who reposted a post, as its card has it.
function reposts(card) {
  const by = card.querySelector(".tweet__reposter")?.closest(".tweet__fact")
  if (!by) return 0
  const others = [...by.childNodes].find(node => node.nodeType === Node.TEXT_NODE && /^\s*\d+\s*$/.test(node.data))
  return 1 + Number(others?.data ?? (by.querySelector('[data-t="reposted-one"]') ? 1 : 0))
}
