// Rows for posts that are missing.

import { create } from "./dom.js"

// timeBeside returns the time of the nearest post of the rows in one direction. Of a folded row
// that is its post at the end given.
function timeBeside(row, direction, end) {
  for (let next = row[direction]; next; next = next[direction]) {
    const time = next.querySelector(".tweet__age")?.dateTime ?? next.dataset[end]
    if (time) return new Date(time)
  }
}

// Gaps makes rows that say how many posts are missing and, once there are posts on both sides,
// between which times.
export class Gaps {
  #words
  #clock
  #undated = new Map() // row → number of posts

  constructor(words, clock) {
    this.#words = words
    this.#clock = clock
  }

  row(missed) {
    const row = create("article", "gap")
    this.#undated.set(row, missed)
    row.ariaLabel = row.textContent = this.#words.gap(missed)
    return row
  }

  // date adds the times to the rows in the list that have none yet.
  date() {
    for (const [row, missed] of this.#undated) {
      const newer = timeBeside(row, "previousElementSibling", "oldest")
      const older = timeBeside(row, "nextElementSibling", "newest")
      if (newer && older) row.ariaLabel = row.textContent = this.#words.gapBetween(missed, older, newer, this.#clock.now)
      if (newer && older || !row.isConnected) this.#undated.delete(row)
    }
  }
}
