// Dates and ages in the page.

// Clock refreshes the ages of all cards with one timer.
export class Clock {
  #words
  #feed

  constructor(words, feed) {
    this.#words = words
    this.#feed = feed
    setInterval(() => this.tick(), 10_000)
    document.addEventListener("visibilitychange", () => this.tick())
  }

  adopt(card) {
    this.localize(card)
    this.#write(card.querySelector(".tweet__age"))
  }

  // localize shows times, which arrive in UTC, in the reader's time zone.
  localize(part) {
    for (const time of part.querySelectorAll("time")) {
      const date = new Date(time.dateTime)
      time.title = this.#words.full(date)
      if (!time.matches(".tweet__age")) time.textContent = this.#words.hour(date)
    }
  }

  tick() {
    if (document.hidden) return
    for (const time of this.#feed.querySelectorAll(".tweet__age")) this.#write(time)
  }

  #write(time) {
    const age = this.#words.age(new Date(time.dateTime))
    if (time.textContent !== age) time.textContent = age
  }
}
