// The list of sources above the posts.

import { element, find } from "./dom.js"

const COUNTED = 120 // seconds before a try that are counted down; until then its time of day is shown

export class Sources {
  #list = find("sources")
  #words
  #clock
  #scroller
  #timer

  constructor(words, clock, scroller) {
    this.#words = words
    this.#clock = clock
    this.#scroller = scroller
    clock.localize(this.#list)
    document.addEventListener("visibilitychange", () => this.#tick())
    this.#tick()
  }

  // noneComing reports whether every source has stopped or is waiting to be tried again.
  get noneComing() {
    const lines = [...this.#list.children]
    return lines.length > 0 && lines.every(({ dataset }) => /^(waiting|stopped)$/.test(dataset.sourceState))
  }

  // show replaces the line of a source, or appends one for a new source.
  show({ source, html }) {
    const line = element(html)
    this.#words.translate(line)
    this.#clock.localize(line)
    const old = [...this.#list.children].find(({ dataset }) => dataset.source === source)
    this.#scroller.grow(() => {
      old ? old.replaceWith(line) : this.#list.append(line)
      this.#tick()
    })
  }

  // tick counts down to the next tries once a second, for as long as there are any.
  #tick() {
    clearTimeout(this.#timer)
    if (document.hidden) return
    const tries = [...this.#list.querySelectorAll(".source__next:not([hidden]) > .source__retry")]
    if (!tries.length) return
    this.#timer = setTimeout(() => this.#tick(), 1000)
    this.#scroller.grow(() => tries.forEach(time => this.#count(time)))
  }

  // count writes the seconds that are left. The time of a try that is due is hidden: the
  // server reports the outcome.
  #count(time) {
    const left = Math.ceil((new Date(time.dateTime) - this.#clock.now) / 1000)
    if (left <= COUNTED) time.textContent = this.#words.say("in-s", { s: left })
    time.parentElement.hidden = left <= 0
  }
}
