// Keeps the reading position over a reload.

import { find } from "./dom.js"
import * as limits from "./limits.js"
import { Memory } from "./memory.js"
import { fetchPage } from "./older.js"

const KEY = "bookmarks"
const MOST = 20 // addresses for which a place is remembered

// Bookmark remembers, for this tab and the addresses that it showed last, the post that a reader who has
// scrolled down is reading, and its position in the window. It restores the list around that post after a
// reload, after a return from another page, and after the browser has discarded the tab. Posts that are
// newer than the restored list wait.
export class Bookmark {
  #list = find("feed")
  #feed
  #scroller
  #older

  constructor(feed, scroller, older) {
    this.#feed = feed
    this.#scroller = scroller
    this.#older = older
    history.scrollRestoration = "manual"
    addEventListener("pagehide", () => this.#save())
    document.addEventListener("visibilitychange", () => document.hidden && this.#save())
  }

  async restore() {
    const saved = this.#saved
    if (saved?.epoch !== this.#list.dataset.epoch) return
    this.#list.style.visibility = "hidden"
    try {
      if (await this.#rewind(saved.newest)) await this.#reach(saved)
    } catch {
      // the network is down: the page stays as the server sent it
    }
    this.#list.style.visibility = ""
  }

  get #url() {
    return location.pathname + location.search
  }

  get #saved() {
    const returned = document.wasDiscarded || performance.getEntriesByType("navigation")[0]?.type !== "navigate"
    return returned ? this.#all[this.#url] : undefined
  }

  get #all() {
    return JSON.parse(Memory.read("sessionStorage", KEY)) ?? {}
  }

  #save() {
    const card = this.#scroller.atTop ? undefined : this.#feed.cards.find(card => card.dataset.seq && this.#scroller.sees(card))
    const { [this.#url]: _, ...others } = this.#all
    const entries = Object.entries(others).slice(1 - MOST)
    if (card) entries.push([this.#url, this.#entry(card)])
    Memory.write("sessionStorage", KEY, JSON.stringify(Object.fromEntries(entries)))
  }

  #entry(card) {
    const { post, seq } = card.dataset
    const { top } = card.getBoundingClientRect()
    const newest = this.#feed.newest // offset of the newest post in the list
    return { epoch: this.#list.dataset.epoch, newest, post, seq: Number(seq), top }
  }

  // #rewind restores the saved list, whose newest post has the offset newest. The socket will deliver
  // the events after that offset as new ones. It returns false if the server no longer has the list.
  async #rewind(newest) {
    if (this.#feed.newest === newest) return true
    const page = await fetchPage(this.#older.pathBefore(this.#list.dataset.epoch, newest + 1))
    if (!page?.list.querySelector(".tweet")) return false
    this.#feed.clear()
    this.#older.append(page)
    this.#list.dataset.offset = newest
    return true
  }

  // #reach appends older pages until the list has the post with the offset seq. It then scrolls until
  // that post is top px below the top of the window. If it has been deleted, the next older one is.
  async #reach({ post, seq, top }) {
    const seqOf = card => Number(card?.dataset.seq)
    while (seqOf(this.#feed.cards.at(-1)) > seq && this.#older.more && this.#feed.cards.length < limits.capOlder) {
      if (!await this.#older.next()) break
    }
    const card = this.#feed.find(post) ?? this.#feed.cards.find(card => seqOf(card) <= seq)
    if (card) scrollBy(0, card.getBoundingClientRect().top - top)
  }
}
