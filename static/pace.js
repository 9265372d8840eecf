// How much new content a person can read.

import * as limits from "./limits.js"

const FIRST_GUESS = 120 // px: height of a card, before any was measured

// Pace is a token bucket whose tokens are pixels. It gains the height of the window in limits.viewS
// seconds, and holds at most half of that height. A card thus stays in view for about limits.viewS seconds,
// whatever the heights of the cards above it, and after a quiet time a few cards can arrive at once.
export class Pace {
  #room // returns the height of the window in px
  #tokens = Infinity // height of the cards that can be inserted, in px; negative after a tall card
  #at = performance.now()
  #height = FIRST_GUESS // moving average of the heights of cards

  constructor(room) {
    this.#room = room
  }

  // cards is how many cards can be inserted now. A full bucket admits one card, even one taller than
  // the bucket.
  get cards() {
    const tokens = this.#refill()
    return Math.max(Math.floor(tokens / this.#height), tokens === this.#capacity ? 1 : 0)
  }

  // spend removes the heights of the inserted rows from the bucket.
  spend(rows) {
    this.#refill()
    for (const row of rows) {
      this.#tokens -= row.offsetHeight
      if (row.matches(".tweet")) this.#height += (row.offsetHeight - this.#height) / 5
    }
  }

  get #window() {
    return Math.max(this.#room(), FIRST_GUESS)
  }

  get #capacity() {
    return this.#window / 2
  }

  #refill() {
    const now = performance.now()
    const filled = this.#tokens + this.#window * (now - this.#at) / 1000 / limits.viewS
    this.#tokens = Math.min(this.#capacity, filled)
    this.#at = now
    return this.#tokens
  }
}
