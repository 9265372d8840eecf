// What the page says around the list: its words, its state, the times.

const root = document.documentElement
export const find = id => document.getElementById(id)

// limits are the numbers all of the script works by; the server wrote them.
export const limits = Object.fromEntries(
  Object.entries(find("limits").dataset).map(([name, value]) => [name, Number(value)]),
)

// Memory keeps what the reader chose, if the browser lets us.
export const Memory = {
  read(storage, key) {
    try {
      return window[storage].getItem(key)
    } catch {
      return null
    }
  },
  write(storage, key, value) {
    try {
      window[storage].setItem(key, value)
    } catch {
      // then it is forgotten with the page
    }
  },
}

export class Words {
  #table = find("words")
  #plural = new Intl.PluralRules(root.lang)
  #number = new Intl.NumberFormat(root.lang)
  #hour = new Intl.DateTimeFormat(root.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
  #date = new Intl.DateTimeFormat(root.lang, { month: "short", day: "numeric" })
  #full = new Intl.DateTimeFormat(root.lang, { dateStyle: "medium", timeStyle: "short" })

  say(key, values = {}) {
    const words = this.#table.getAttribute(`data-${key}`)
    return words.replace(/{(\w+)}/g, (_, name) => this.#shown(values[name]))
  }

  count(key, n) {
    return this.say(`${key}-${this.#plural.select(n)}`, { n })
  }

  // gap tells how many posts are missing or, if it is no number, that nobody knows.
  gap(missed) {
    return Number.isInteger(missed) ? this.say("gap", { n: missed }) : this.say("gap-unknown")
  }

  // translate puts a card's words, which arrive in English, into the page's language.
  translate(card) {
    for (const element of card.querySelectorAll("[data-t]")) element.textContent = this.say(element.dataset.t)
  }

  hour(date) {
    return this.#hour.format(date)
  }

  full(date) {
    return this.#full.format(date)
  }

  // age is short: now, 12s, 3m, 2h, and then the date. The future is now.
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

// Clock keeps the ages true, for all cards with one timer.
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

  // localize turns the server's times into the reader's own.
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

// Status says how things are. A lost connection is said before anything else.
export class Status {
  #words
  #announcer
  #link = "connecting" // or "up" or "lost"
  #live = "live" // or "slow", the word for how posts come
  #since = new Date() // when the link was last known to be up
  #tries = 0
  #refusal = "" // what the server had against us
  #news = "" // what has just happened, for as long as that is news
  #reader = { paused: false, waiting: 0, rate: 0 }
  #late // timer: a loss is announced only if it lasts
  #stale // timer: news is news for a while

  constructor(words, announcer) {
    this.#words = words
    this.#announcer = announcer
    for (const name of ["online", "offline"]) addEventListener(name, () => this.#render())
  }

  lost(tries, { old, reason }) {
    if (this.#link === "up") this.#since = new Date()
    this.#link = "lost"
    this.#tries = tries
    this.#refusal = old ? this.#words.say("old") : reason && this.#words.say("refused", { reason })
    this.#late ??= setTimeout(() => this.#announcer.say(this.#compose()[1]), 5_000)
    this.#render()
  }

  up(missed, slow) {
    const back = this.#link === "lost"
    this.#link = "up"
    this.#live = slow ? "slow" : "live"
    clearTimeout(this.#late)
    this.#late = undefined
    if (back && missed != null) this.#tell(this.#words.count("recovered", missed)) // a gap speaks for itself
    this.#render()
  }

  gap(missed) {
    this.#tell(this.#words.gap(missed))
    this.#render()
  }

  reader(state) {
    this.#reader = state
    this.#render()
  }

  #tell(news) {
    this.#news = news
    this.#announcer.say(news)
    clearTimeout(this.#stale)
    this.#stale = setTimeout(() => {
      this.#news = ""
      this.#render()
    }, limits.recoveredMs)
  }

  #render() {
    const [state, words] = this.#compose()
    if (root.dataset.state !== state) root.dataset.state = state
    if (find("status").textContent !== words) find("status").textContent = words
    find("now").hidden = state !== "reconnecting" || this.#refusal !== ""
  }

  #compose() {
    const { paused, waiting, rate } = this.#reader
    if (this.#link === "connecting") return this.#pair("connecting")
    if (this.#link === "lost" && this.#refusal) return ["reconnecting", this.#refusal]
    if (this.#link === "lost" && !navigator.onLine) return this.#pair("offline", { time: this.#words.hour(this.#since) })
    if (this.#link === "lost") return this.#pair("reconnecting", { n: this.#tries })
    if (this.#news) return ["recovered", this.#news]
    if (paused) return this.#pair("paused", { n: waiting })
    if (waiting > 0) return ["paused", this.#words.say("reading", { n: waiting })]
    return ["live", rate ? this.#words.say("fast", { n: rate }) : this.#words.say(this.#live)]
  }

  #pair(state, values) {
    return [state, this.#words.say(state, values)]
  }
}

// Announcer speaks to screen readers, seldom.
export class Announcer {
  static #steps = [1, 10, 50, 100, 500]

  #words
  #step = 0
  #spoke = -Infinity

  constructor(words) {
    this.#words = words
  }

  say(text) {
    find("announce").textContent = text
  }

  // waiting tells of new posts when their number passes a step.
  waiting(n) {
    const step = Announcer.#steps.findLast(step => n >= step) ?? 0
    if (step > this.#step && !this.#rests()) {
      this.#spoke = performance.now()
      this.say(this.#words.count("announce", n))
      this.#step = step
    }
    if (step < this.#step) this.#step = step
  }

  #rests() {
    return performance.now() - this.#spoke < limits.announceMs
  }
}

// Pill offers what waits; the tab's title and icon tell of it from afar.
export class Pill {
  #words
  #away = false // the reader does not see the pill
  #element = find("pill")
  #icon = find("icon")
  #icons = { calm: find("icon").href, waiting: new URL(find("icon").dataset.waiting, location.href).href }
  #name = document.title
  #timer

  constructor(words) {
    this.#words = words
  }

  show(n, away) {
    this.#element.hidden = n === 0
    this.#element.dataset.count = n
    if (n > 0) this.#element.textContent = this.#label(n)
    this.#timer ??= setTimeout(() => this.#wave(), 1000)
    this.#away = away && n > 0
  }

  #label(n) {
    return n >= limits.pending ? this.#words.say("pill-many", { n: limits.pending }) : this.#words.count("pill", n)
  }

  #wave() {
    this.#timer = undefined
    const n = Number(this.#element.dataset.count)
    const title = this.#away ? `(${n > 99 ? "99+" : n}) ${this.#name}` : this.#name
    const icon = this.#away ? this.#icons.waiting : this.#icons.calm
    if (document.title !== title) document.title = title
    if (this.#icon.href !== icon) this.#icon.href = icon
  }
}

// Rate notices when posts come faster than anybody reads.
export class Rate {
  #second = 0
  #count = 0
  #last = 0
  #fastFor = 0

  // posts a second if they have been too many for a while, else 0
  get value() {
    this.#roll()
    return this.#fastFor >= limits.fastS ? this.#last : 0
  }

  add() {
    this.#roll()
    this.#count++
  }

  #roll() {
    const now = Math.floor(performance.now() / 1000)
    if (now === this.#second) return
    const idle = now > this.#second + 1
    this.#fastFor = !idle && this.#count > limits.fast ? this.#fastFor + 1 : 0
    this.#last = this.#count
    this.#count = 0
    this.#second = now
  }
}
