// The page's language: its words, numbers and dates.

import { find } from "./dom.js"
import * as limits from "./limits.js"

const lang = document.documentElement.lang
const locale = lang === "en" ? "en-GB" : lang // day before month, 24 hours

const format = options => new Intl.DateTimeFormat(locale, options)
const dayOptions = { month: "short", day: "numeric" }
const hourOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }

export class Words {
  #table = find("words")
  #plural = new Intl.PluralRules(lang)
  #number = new Intl.NumberFormat(lang)
  #hour = format(hourOptions)
  #day = format(dayOptions)
  #dayOfYear = format({ ...dayOptions, year: "numeric" })
  #dayAndHour = format({ ...dayOptions, ...hourOptions })
  #full = format({ ...dayOptions, ...hourOptions, year: "numeric" })

  say(key, values = {}) {
    return this.#lookup(key)?.replace(/{(\w+)}/g, (_, name) => this.#shown(values[name])) ?? ""
  }

  // count returns the text for a number of something, with other values.
  count(key, n, others) {
    return this.say(`${key}-${this.#plural.select(n)}`, { n, ...others })
  }

  // recovered returns the text for when the connection is back, with the number of posts caught up unless it is 0.
  recovered(n) {
    return n ? this.count("recovered", n) : this.say("recovered")
  }

  // gap returns the text about missing posts. missed is their number; any value that isn't an integer
  // means that the number is unknown.
  gap(missed) {
    return Number.isInteger(missed) ? this.count("gap", missed) : this.say("gap-unknown")
  }

  // gapBetween returns the text about missing posts with the times of the posts on both sides.
  gapBetween(missed, older, newer, now) {
    const [from, to] = older < newer ? [older, newer] : [newer, older]
    const today = [from, to].every(date => date.toDateString() === now.toDateString())
    const thisYear = from.getFullYear() === now.getFullYear()
    const when = (today ? this.#hour : thisYear ? this.#dayAndHour : this.#full).formatRange(from, to)
    if (!Number.isInteger(missed)) return this.say("gap-when", { when })
    return this.count("gap-when", missed, { when })
  }

  // deleted returns the text about why a post is gone. If this page doesn't know the reason, the text
  // gives none.
  deleted(reason) {
    return this.say(`deleted-${reason}`) || this.say("deleted-unavailable")
  }

  // pill returns the text of the pill. From limits.pending waiting posts on it gives no exact number,
  // because not all of them are kept.
  pill(n) {
    return n < limits.pending ? this.count("pill", n) : this.say("pill-many", { n: limits.pending })
  }

  // translate replaces the fixed words of a card, which arrive in English, by those of the page's
  // language. Words whose key this page doesn't know, as from a newer server, stay English.
  translate(card) {
    for (const element of card.querySelectorAll("[data-t]")) {
      element.textContent = this.#lookup(element.dataset.t) ?? element.textContent
    }
  }

  hour(date) {
    return this.#hour.format(date)
  }

  full(date) {
    return this.#full.format(date)
  }

  // age returns the age of a post, such as "3m" or "2h", and its date after 24 hours.
  age(date, now) {
    const minutes = Math.floor((now - date) / 60_000)
    if (minutes < 1) return this.say("age-now")
    if (minutes < 60) return this.say("age-m", { n: minutes })
    if (minutes < 1440) return this.say("age-h", { n: Math.floor(minutes / 60) })
    return this.#date(date, now)
  }

  // moment returns the time of day, and with it the date unless that is today.
  moment(date, now) {
    const today = date.toDateString() === now.toDateString()
    return today ? this.hour(date) : `${this.#date(date, now)} ${this.hour(date)}`
  }

  #date(date, now) {
    return (date.getFullYear() === now.getFullYear() ? this.#day : this.#dayOfYear).format(date)
  }

  #lookup(key) {
    return this.#table.getAttribute(`data-${key}`)
  }

  #shown(value) {
    return typeof value === "number" ? this.#number.format(value) : value
  }
}
