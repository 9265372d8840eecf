// Dates and ages in the page.

import { create } from "./dom.js"
import { limits } from "./limits.js"

// clockError is how far the reader's clock is behind the server's, in ms. The server sends
// its time with the page, as the metric "now". A page from the browser's cache tells nothing,
// and neither does one over plain HTTP, where browsers hide the header from scripts.
function clockError() {
  const [page] = performance.getEntriesByType("navigation")
  const sent = page?.transferSize > 0 && page.serverTiming?.find(({ name }) => name === "now")?.duration
  return sent ? sent - (Date.now() - performance.now() + page.responseStart) : 0
}

// Clock shows the times of the page by one clock, corrected by the server's. All ages
// change together.
export class Clock {
  #words
  #error = clockError()
  #shown = this.now // the time by which all ages are shown

  constructor(words) {
    this.#words = words
    setInterval(() => this.tick(), limits.tickMs)
    document.addEventListener("visibilitychange", () => this.tick())
  }

  // now is the time by the server's clock.
  get now() {
    return this.at(Date.now())
  }

  // at is the time by the server's clock for a time by the browser's, in ms.
  at(ms) {
    return new Date(ms + this.#error)
  }

  // localize shows the times in part, which arrive in UTC, in the reader's time zone.
  localize(part) {
    for (const time of part.querySelectorAll("time")) {
      time.title = this.#words.full(new Date(time.dateTime))
      this.#write(time)
    }
  }

  tick() {
    if (document.hidden) return
    this.#shown = this.now
    for (const time of document.querySelectorAll("time")) this.#write(time)
  }

  #write(time) {
    const date = new Date(time.dateTime)
    if (date <= this.#shown && time.closest(".poll__end")) return this.#close(time.closest(".poll__end"))
    const text = time.matches(".tweet__age") ? this.#words.age(date, this.#shown) : this.#words.moment(date, this.#shown)
    if (time.textContent !== text) time.textContent = text
  }

  #close(end) {
    const words = create("span", "", this.#words.say("poll-closed"))
    words.dataset.t = "poll-closed"
    words.removeAttribute("class")
    end.replaceChildren(words)
  }
}
