// The new posts that wait for their turn on a screen.

import * as limits from "./screenlimits.js"

// Turns gives the oldest post that waits. Of the posts that a moderator has approved, each gets its turn; of the
// others, the newest do. If none waits and again is set, it gives a post that was shown before: of those shown
// least often, the one with the most reposts, and of these the newest.
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
    post.waits = true
    this.#waiting.push(post)
    const others = this.#waiting.filter(post => !post.approved)
    if (others.length > limits.waiting) this.remove(others[0])
    if (this.#waiting.length > limits.approved) this.remove(this.#waiting[0])
  }

  remove(post) {
    post.waits = false
    this.#waiting = this.#waiting.filter(waiting => waiting !== post)
  }

  next() {
    const post = this.#oldest() ?? (this.#again ? this.#best() : undefined)
    if (post) this.note(post)
    return post
  }

  // note counts that a post is shown.
  note(post) {
    this.#times.set(post, (this.#times.get(post) ?? 0) + 1)
  }

  // #oldest returns the oldest post that waits and is not on the screen, where there can be room for it earlier.
  #oldest() {
    const post = this.#waiting.find(post => !post.shown)
    for (const passed of [...this.#waiting]) {
      this.remove(passed)
      if (passed === post) break
    }
    return post
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
