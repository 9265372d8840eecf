// The state line in the header.

import { find } from "./dom.js"
import { limits } from "./limits.js"

const root = document.documentElement

// Status shows the state of the connection and of the reader. A lost connection has precedence.
export class Status {
  #words
  #announcer
  #link = "connecting" // "connecting", "up" or "lost"
  #live = "live" // key of the words for the kind of connection: "live" or "slow"
  #since = new Date() // when the link was last known to be up
  #tries = 0
  #refusal = "" // why the server refused the connection
  #news = "" // a recent event, shown for limits.newsMs
  #reader = { paused: false, waiting: 0, rate: 0 }
  #late // timer: a loss is announced only if it lasts 5 s
  #stale // timer that clears #news

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
    if (back && missed != null) this.#tell(this.#words.count("recovered", missed)) // gap() has reported a gap already
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
    }, limits.newsMs)
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
