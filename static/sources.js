// Where the posts come from, and how that goes.

import { element } from "./elements.js"

export class Sources {
  #list = document.getElementById("sources")
  #words
  #clock
  #scroller

  constructor(words, clock, scroller) {
    this.#words = words
    this.#clock = clock
    this.#scroller = scroller
    clock.localize(this.#list)
  }

  // show puts what is new of a source where the older word stands, or last.
  show({ source, html }) {
    const line = element(html)
    this.#words.translate(line)
    this.#clock.localize(line)
    const old = [...this.#list.children].find(({ dataset }) => dataset.source === source)
    this.#scroller.keep(() => (old ? old.replaceWith(line) : this.#list.append(line)))
  }
}
