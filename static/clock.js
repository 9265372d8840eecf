// Dates and ages in the page.

import { create } from "./dom.js"
import * as limits from "./limits.js"

// clockError returns by how many ms the reader's clock is behind the server's. The server sends its
// time with the page, as the metric "now" of the header Server-Timing. The result is undefined if the page
// came from the browser's cache, or over plain HTTP, where browsers hide the header from scripts.
function clockError() {
  const [page] = performance.getEntriesByType("navigation")
  const sent = page?.transferSize > 0 && page.serverTiming?.find(({ name }) => name === "now")?.duration
  return sent ? sent - (Date.now() - performance.now() + page.responseStart) : undefined
}

// Clock shows the times and ages in the page, by the server's clock. It updates all ages at once.
export class Clock {
  #words
  #error = clockError()
  #shown = this.now // the time by which all ages are shown

  constructor(words) {
    this.#words = words
    if (this.#error === undefined) this.#ask()
    setInterval(() => this.tick(), limits.tickMs)
    document.addEventListener("visibilitychange", () => this.tick())
  }

  // now is the time by the server's clock.
  get now() {
    return this.at(Date.now())
  }

  // at converts ms, a time by the browser's clock, to the time by the server's clock.
  at(ms) {
    return new Date(ms + (this.#error ?? 0))
  }

  // localize shows the times in the element part, which the server sends in UTC, in the reader's
  // time zone.
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

  // ask requests the address of the page for the server's time. The header Date has whole seconds.
  async #ask() {
    const answer = await fetch("", { method: "HEAD", cache: "no-store" }).catch(() => null)
    this.#error = Date.parse(answer?.headers.get("date")) + 500 - Date.now() || 0
    this.tick()
  }

  #write(time) {
    const date = new Date(time.dateTime)
    const end = time.closest(".poll__end")
    if (end && date <= this.#shown && this.#error !== undefined) return this.#close(end) // which can't be undone
    const text = this.#text(time.dataset.time, date)
    if (time.textContent !== text) time.textContent = text
  }

  #text(form, date) {
    if (form === "age") return this.#words.age(date, this.#shown)
    return form === "clock" ? this.#words.hour(date) : this.#words.moment(date, this.#shown)
  }

  #close(end) {
    const words = create("span", "", this.#words.say("poll-closed"))
    words.dataset.t = "poll-closed"
    end.replaceChildren(words)
  }
}
