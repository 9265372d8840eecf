// The posts that wait for a moderator. The list has the first of them.

import { fragment } from "./dom.js"

const FEW = 100 // with fewer posts in the list, more are fetched
const PAUSE_MS = 3_000 // between two fetches

// Queue counts the posts that wait, and fetches those for which the list had no room.
export class Queue {
  #list
  #most
  #queued // number of posts that wait
  #uncounted // still more wait
  #fetched = -Infinity // when the last fetch began
  #gone = null // ids of the posts that have left the queue during a fetch
  #skipped = false // the list lacks a new post because a moderator was using it

  constructor(list, most) {
    this.#list = list
    this.#most = most
    this.#read(list)
  }

  get newestFirst() {
    return "newest" in this.#list.dataset
  }

  // add counts a new post, and reports whether it can be shown now. Where the newest are first, it would move the
  // others.
  add(id, inUse) {
    this.#gone?.delete(id)
    this.#queued++
    const shown = this.#items.length
    if (!this.newestFirst) return shown < this.#most && shown >= this.#queued - 1
    this.#skipped ||= inUse
    return !inUse
  }

  // remove counts that a post of the list is not waiting any more.
  remove(id) {
    this.#gone?.add(id)
    if (this.#has(id)) this.#queued--
  }

  // count writes how many posts wait, of which n are in the list.
  count(n) {
    this.#queued = Math.max(this.#queued, n)
    this.#list.querySelector(".list__more").hidden = this.#queued <= n && !this.#uncounted
    return this.#queued.toLocaleString(document.documentElement.lang) + (this.#uncounted ? "+" : "")
  }

  wantsMore(inUse) {
    const shown = this.#items.length
    const lacks = this.#uncounted || shown < this.#queued
    const due = performance.now() - this.#fetched > PAUSE_MS
    return due && lacks && (this.newestFirst ? !inUse && (this.#skipped || shown < FEW) : shown < FEW)
  }

  // fetch returns the items of the posts that wait, as the server has them now.
  async fetch() {
    this.#fetched = performance.now()
    this.#skipped = false
    this.#gone = new Set()
    const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" }).catch(() => null)
    const fresh = answer?.ok && fragment(await answer.text()).getElementById("waiting")
    const gone = this.#gone
    this.#gone = null
    if (!fresh) return []
    this.#read(fresh)
    return [...fresh.querySelectorAll(".item")].filter(({ dataset: { item } }) => !gone.has(item))
  }

  // Internal

  get #items() {
    return this.#list.querySelectorAll(".item:not([inert])")
  }

  #has(id) {
    return [...this.#items].some(({ dataset }) => dataset.item === id)
  }

  #read({ dataset }) {
    this.#queued = Number(dataset.queued)
    this.#uncounted = "uncounted" in dataset
  }
}
