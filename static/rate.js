// The speed of the stream.

import * as limits from "./limits.js"

// Rate detects a stream that is too fast to read. A stream becomes too fast when each of the last
// limits.fastS seconds had more than limits.fast posts. It stays too fast until the mean of these seconds
// is below limits.fast.
export class Rate {
  #second = 0 // current second
  #count = 0 // posts in the current second
  #counts = Array(limits.fastS).fill(0) // posts in each of the last full seconds
  #fast = false

  // value is posts per second if the stream is too fast, else 0.
  get value() {
    this.#roll()
    return this.#fast ? Math.max(1, Math.round(this.#mean)) : 0
  }

  add() {
    this.#roll()
    this.#count++
  }

  get #mean() {
    return this.#counts.reduce((sum, n) => sum + n, 0) / this.#counts.length
  }

  #roll() {
    const now = Math.floor(performance.now() / 1000)
    for (let n = Math.min(now - this.#second, limits.fastS + 1); n > 0; n--) {
      this.#counts = [...this.#counts.slice(1), this.#count]
      this.#count = 0
      this.#fast = this.#fast ? this.#mean >= limits.fast : this.#counts.every(n => n > limits.fast)
    }
    this.#second = now
  }
}
