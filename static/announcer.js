// Announcements for screen readers.

import { find } from "./dom.js"
import { limits } from "./limits.js"

// Announcer writes to the page's live region, rarely.
export class Announcer {
  static #steps = [1, 10, 50, 100, 500]

  #words
  #step = 0
  #spoke = -Infinity

  constructor(words) {
    this.#words = words
  }

  say(text) {
    find("announce").textContent = text
  }

  // waiting announces the number of waiting posts when it passes a step.
  waiting(n) {
    const step = Announcer.#steps.findLast(step => n >= step) ?? 0
    if (step > this.#step && !this.#silent()) {
      this.#spoke = performance.now()
      this.say(this.#words.count("announce", n))
      this.#step = step
    }
    if (step < this.#step) this.#step = step
  }

  #silent() {
    return performance.now() - this.#spoke < limits.announceMs
  }
}
