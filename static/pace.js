// How much new content a person can read.

import { limits } from "./limits.js"

const FIRST_GUESS = 120 // px, height of a card

// Pace is a token bucket in pixels: it fills by one window's height in limits.viewS seconds,
// up to half a window. A card then stays in view for about limits.viewS seconds, whatever the
// heights of the cards above it, and after a quiet time a few cards may arrive at once.
export class Pace {
  #room // returns the height of the window in px
  #tokens = Infinity // px that may be inserted; negative after a tall card
  #at = performance.now()
  #height = FIRST_GUESS // moving average of the heights of cards

  constructor(room) {
    this.#room = room
  }

  // cards is how many cards may be inserted now. Even a card taller than the bucket may be,
  // when the bucket is full.
  get cards() {
    const tokens = this.#refill()
    return Math.max(Math.floor(tokens / this.#height), tokens === this.#capacity ? 1 : 0)
  }

  // spend takes the rows that were inserted.
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
