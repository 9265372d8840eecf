// The speed of the stream.

import { limits } from "./limits.js"

// Rate counts posts per second, to detect a stream that is too fast to read.
export class Rate {
  #second = 0
  #count = 0
  #last = 0
  #fastFor = 0

  // value is posts per second if they have exceeded limits.fast for limits.fastS seconds, else 0.
  get value() {
    this.#roll()
    return this.#fastFor >= limits.fastS ? this.#last : 0
  }

  add() {
    this.#roll()
    this.#count++
  }

  #roll() {
    const now = Math.floor(performance.now() / 1000)
    if (now === this.#second) return
    const idle = now > this.#second + 1
    this.#fastFor = !idle && this.#count > limits.fast ? this.#fastFor + 1 : 0
    this.#last = this.#count
    this.#count = 0
    this.#second = now
  }
}
