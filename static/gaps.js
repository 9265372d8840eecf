// Rows for posts that are missing.

import { create } from "./dom.js"

// timeBeside returns the time of the nearest post above or below a row. direction is
// "previousElementSibling" (above) or "nextElementSibling" (below). end, "newest" or "oldest", chooses the
// post of a folded row.
function timeBeside(row, direction, end) {
  for (let next = row[direction]; next; next = next[direction]) {
    const time = next.querySelector(".tweet__age")?.dateTime ?? next.dataset[end]
    if (time) return new Date(time)
  }
}

// Gaps makes rows that say how many posts are missing. Once there are posts above and below, such a row
// also says between which times.
export class Gaps {
  #words
  #clock
  #undated = new Map() // row without times → number of missing posts

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

  // date adds the times to those rows that have none yet but have posts above and below.
  date() {
    for (const [row, missed] of this.#undated) {
      const newer = timeBeside(row, "previousElementSibling", "oldest")
      const older = timeBeside(row, "nextElementSibling", "newest")
      if (newer && older) row.ariaLabel = row.textContent = this.#words.gapBetween(missed, older, newer, this.#clock.now)
      if (newer && older || !row.isConnected) this.#undated.delete(row)
    }
  }
}
