// The page's language: its words, numbers and dates.

import { find } from "./dom.js"

export class Words {
  #table = find("words")
  #plural = new Intl.PluralRules(document.documentElement.lang)
  #number = new Intl.NumberFormat(document.documentElement.lang)
  #hour = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
  #date = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric" })
  #full = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" })

  say(key, values = {}) {
    const words = this.#table.getAttribute(`data-${key}`)
    return words.replace(/{(\w+)}/g, (_, name) => this.#shown(values[name]))
  }

  count(key, n) {
    return this.say(`${key}-${this.#plural.select(n)}`, { n })
  }

  // gap says how many posts are missing; a value that is no integer means an unknown number.
  gap(missed) {
    return Number.isInteger(missed) ? this.say("gap", { n: missed }) : this.say("gap-unknown")
  }

  // translate replaces the fixed words of a card, which arrive in English, by those of the page's language.
  translate(card) {
    for (const element of card.querySelectorAll("[data-t]")) element.textContent = this.say(element.dataset.t)
  }

  hour(date) {
    return this.#hour.format(date)
  }

  full(date) {
    return this.#full.format(date)
  }

  // age is a short relative time: now, 12s, 3m, 2h, then the date. A time in the future is now.
  age(date) {
    const s = Math.floor((Date.now() - date) / 1000)
    if (s < 5) return this.say("age-now")
    if (s < 60) return this.say("age-s", { n: s })
    if (s < 3600) return this.say("age-m", { n: Math.floor(s / 60) })
    if (s < 86_400) return this.say("age-h", { n: Math.floor(s / 3600) })
    return this.#date.format(date)
  }

  #shown(value) {
    return typeof value === "number" ? this.#number.format(value) : value
  }
}
