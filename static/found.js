// How many of the newest posts match the filter of the page.

import { find } from "./dom.js"

// Found counts on from the numbers that the server has written into the page. Of the log it needs only
// the offsets: the events between two that arrive are posts that don't match.
export class Found {
  #text = find("count") // null if the page doesn't show the newest posts that match a filter
  #words
  #at // offset of the last event counted
  #matching
  #held // number of posts of which so many match
  #timer

  constructor(words, offset) {
    const { matching, held } = find("found").dataset
    this.#words = words
    this.#at = Number(offset)
    this.#matching = Number(matching)
    this.#held = Number(held)
  }

  // post counts a post that matches.
  post({ offset }) {
    this.#matching++
    this.#advance(offset, 1)
  }

  // skipped counts posts that don't match.
  skipped({ offset }) {
    this.#advance(offset, 1)
  }

  // other counts the posts before an event that is no post.
  other({ offset }) {
    this.#advance(offset, 0)
  }

  // deleted subtracts a post.
  deleted() {
    this.#matching--
    this.#held--
  }

  // lost is called after a gap, in which the number of posts is unknown.
  lost() {
    if (this.#text) this.#text.hidden = true
  }

  // #advance moves on to an event that stands for so many posts itself.
  #advance(offset, posts) {
    this.#held += posts + Math.max(0, offset - this.#at - 1)
    this.#at = offset
    if (this.#text) this.#timer ??= setTimeout(() => this.#write(), 500)
  }

  #write() {
    this.#timer = undefined
    this.#text.textContent = this.#words.count("found", this.#matching, { of: this.#held })
  }
}
