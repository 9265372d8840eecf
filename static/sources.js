// The list of sources above the posts.

import { element, find } from "./dom.js"

export class Sources {
  #list = find("sources")
  #words
  #clock
  #scroller

  constructor(words, clock, scroller) {
    this.#words = words
    this.#clock = clock
    this.#scroller = scroller
    clock.localize(this.#list)
  }

  // show replaces the line of a source, or appends one for a new source.
  show({ source, html }) {
    const line = element(html)
    this.#words.translate(line)
    this.#clock.localize(line)
    const old = [...this.#list.children].find(({ dataset }) => dataset.source === source)
    this.#scroller.keep(() => (old ? old.replaceWith(line) : this.#list.append(line)))
  }
}
