// The state line in the header.

import { find } from "./dom.js"
import * as limits from "./limits.js"

const root = document.documentElement
const LONG = 16 // characters; a longer text gets more room in the header

// Status shows the state of the connection, of the sources and of the reader. A lost
// connection has precedence.
export class Status {
  link = "live" // key of the words for the kind of connection: "live", "slow" or "limited"
  noneComing = false // whether no source delivers posts

  #words
  #announcer
  #clock
  #connection = "connecting" // "connecting", "up" or "lost"
  #heardAt // when the last frame came, by the server's clock
  #tries = 0
  #refusal = "" // text about why the server refused the connection; empty if it didn't
  #news = null // a recent event [state, words], shown for limits.newsMs
  #reader = { paused: false, waiting: 0, rate: 0 }
  #late // timer that announces a lost connection after 5 s
  #stale // timer that clears #news

  constructor(words, announcer, clock) {
    this.#words = words
    this.#clock = clock
    this.#heardAt = clock.now
    this.#announcer = announcer
    for (const name of ["online", "offline"]) addEventListener(name, () => this.render())
  }

  // lost shows that the connection was lost. heardAt is when the last frame came, in ms by the browser's
  // clock: after a sleep of the computer, the page notices the loss long after it happened.
  lost(tries, { old, reason, heardAt }) {
    if (heardAt) this.#heardAt = this.#clock.at(heardAt)
    this.#connection = "lost"
    this.#tries = tries
    this.#refusal = old ? this.#words.say("old") : reason && (this.#words.say(`refused-${reason}`) || this.#words.say("refused", { reason }))
    this.#late ??= setTimeout(() => this.#announcer.say(this.#compose()[1]), 5_000)
    this.render()
  }

  // up shows that the connection is up. caughtUp is the number of missed posts that have been delivered,
  // or null if gap() has already reported a gap.
  up(caughtUp) {
    const back = this.#connection === "lost"
    this.#connection = "up"
    clearTimeout(this.#late)
    this.#late = undefined
    if (back && caughtUp != null) this.#report("recovered", this.#words.recovered(caughtUp))
    this.render()
  }

  gap(missed) {
    this.#report("gap", this.#words.gap(missed))
    this.render()
  }

  reader(state) {
    this.#reader = state
    this.render()
  }

  render() {
    const [state, words] = this.#compose()
    if (root.dataset.state !== state) root.dataset.state = state
    if (find("status").textContent !== words) find("status").textContent = words
    root.toggleAttribute("data-long", words.length > LONG)
    find("now").hidden = state !== "reconnecting" || this.#refusal !== ""
  }

  #report(state, words) {
    this.#news = [state, words]
    this.#announcer.say(words)
    clearTimeout(this.#stale)
    this.#stale = setTimeout(() => {
      this.#news = null
      this.render()
    }, limits.newsMs)
  }

  #compose() {
    const { paused, waiting, rate } = this.#reader
    if (this.#connection === "connecting") return this.#pair("connecting")
    if (this.#connection === "lost" && this.#refusal) return ["reconnecting", this.#refusal]
    if (this.#connection === "lost" && !navigator.onLine) return this.#pair("offline", { time: this.#words.hour(this.#heardAt) })
    if (this.#connection === "lost") return this.#pair("reconnecting", { n: this.#tries })
    if (this.#news) return this.#news
    if (paused) return this.#pair("paused")
    if (waiting && !rate) return this.#pair("reading")
    if (this.noneComing) return this.#pair("none-coming")
    return ["live", rate ? this.#words.say("fast", { n: rate }) : this.#words.say(this.link)]
  }

  #pair(state, values) {
    return [state, this.#words.say(state, values)]
  }
}
