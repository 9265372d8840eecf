// Announcements for screen readers.

import { find } from "./dom.js"
import * as limits from "./limits.js"

const STEPS = [1, 10, 50, 100, 500]

// Announcer writes to the page's live region, whose new text screen readers speak.
export class Announcer {
  #words
  #hasKey // returns whether the reader can press a key to show new posts
  #step = 0 // the step that n reached last
  #spokeAt = -Infinity

  constructor(words, hasKey) {
    this.#words = words
    this.#hasKey = hasKey
  }

  say(text) {
    this.#spokeAt = performance.now()
    find("announce").textContent = text
  }

  // waiting announces the number n of waiting posts when n reaches the next of STEPS. It says
  // nothing within limits.announceMs of any announcement, because that could still be unspoken.
  waiting(n) {
    const step = STEPS.findLast(step => n >= step) ?? 0
    if (step > this.#step && performance.now() - this.#spokeAt >= limits.announceMs) {
      this.say(this.#hasKey() ? this.#words.count("announce-key", n) : this.#words.count("announce", n))
      this.#step = step
    }
    if (step < this.#step) this.#step = step
  }
}
