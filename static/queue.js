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
  #skipped = false // the list lacks a post because a moderator was using it
  #stale = false // a post that is not in the list may have joined or left the queue

  constructor(list, most) {
    this.#list = list
    this.#most = most
    this.#read(list)
  }

  get newestFirst() {
    return "newest" in this.#list.dataset
  }

  // add counts a post, and reports whether it can be shown now. Where the newest are first, it would move the
  // others. If the post is not known, it may have been counted before.
  add(id, isKnown, inUse) {
    this.#gone?.delete(id)
    this.#stale ||= !isKnown
    if (!isKnown) return false
    this.#queued++
    const shown = this.#items.length
    if (!this.newestFirst) return shown < this.#most && shown >= this.#queued - 1
    this.#skipped ||= inUse
    return !inUse
  }

  // skip says that the list lacks a post that would have moved the others.
  skip() {
    this.#skipped = true
  }

  // remove counts that a post of the list is not waiting any more. If the post is not known, it may have waited
  // without being in the list.
  remove(id, isKnown) {
    this.#gone?.add(id)
    if (this.#has(id)) this.#queued--
    else this.#stale ||= !isKnown && this.#lacks
  }

  // count writes how many posts wait, of which n are in the list.
  count(n) {
    this.#queued = Math.max(this.#queued, n)
    this.#list.querySelector(".list__more").hidden = this.#queued <= n && !this.#uncounted
    return this.#queued.toLocaleString(document.documentElement.lang) + (this.#uncounted ? "+" : "")
  }

  wantsMore(inUse) {
    if (performance.now() - this.#fetched <= PAUSE_MS) return false
    const hasRoom = this.#lacks && this.#items.length < FEW
    return this.#stale || (!inUse && this.#skipped) || (hasRoom && !(this.newestFirst && inUse))
  }

  // fetch returns the items of the posts that wait, as the server has them now.
  async fetch() {
    this.#fetched = performance.now()
    this.#skipped = this.#stale = false
    this.#gone = new Set()
    const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" }).catch(() => null)
    const fresh = answer?.ok && fragment(await answer.text()).getElementById("waiting")
    const gone = this.#gone
    this.#gone = null
    this.#stale ||= !fresh
    if (!fresh) return []
    this.#read(fresh)
    return [...fresh.querySelectorAll(".item")].filter(({ dataset: { item } }) => !gone.has(item))
  }

  // Internal

  get #items() {
    return this.#list.querySelectorAll(".item:not([inert])")
  }

  // #lacks reports whether posts wait that are not in the list.
  get #lacks() {
    return this.#uncounted || this.#items.length < this.#queued
  }

  #has(id) {
    return [...this.#items].some(({ dataset }) => dataset.item === id)
  }

  #read({ dataset }) {
    this.#queued = Number(dataset.queued)
    this.#uncounted = "uncounted" in dataset
  }
}
