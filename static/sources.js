// The list of sources above the posts.

import { element, find } from "./dom.js"

const COUNTED = 120 // when a source's next try is this many seconds away, a countdown replaces its time of day

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

  // noneComing reports whether every source has stopped, is waiting to be tried again, or brings nothing
  // because of a fault.
  get noneComing() {
    const lines = [...this.#list.children]
    return lines.length > 0 && lines.every(({ dataset: { sourceState, sourceFault } }) =>
      /^(waiting|stopped)$/.test(sourceState) || (sourceState === "silent" && sourceFault))
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

  // #tick updates the countdowns to the sources' next tries, once a second while there are any.
  #tick() {
    clearTimeout(this.#timer)
    if (document.hidden) return
    const tries = [...this.#list.querySelectorAll(".source__next:not([hidden]) > .source__retry")]
    if (!tries.length) return
    this.#timer = setTimeout(() => this.#tick(), 1000)
    this.#scroller.grow(() => tries.forEach(time => this.#count(time)))
  }

  // #count writes how many seconds are left until a try. When the try is due, it hides the text about it:
  // the server will report the outcome.
  #count(time) {
    const left = Math.ceil((new Date(time.dateTime) - this.#clock.now) / 1000)
    if (left <= COUNTED) time.textContent = this.#words.say("in-s", { s: left })
    time.parentElement.hidden = left <= 0
  }
}
