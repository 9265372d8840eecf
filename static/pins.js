// The script of a page on a site with moderators: that of all pages, and the pinned posts above the list.

import { channel, feed, holding, list, scroller, timeline, words } from "./app.js"
import { GAP } from "./channel.js"
import { find, fragment } from "./dom.js"
import { Holding } from "./holding.js"
import { keepLongTextsInView } from "./longtext.js"
import { replaceBroken } from "./missing.js"
import { patch } from "./patch.js"

const MOST = 3 // pinned posts on the page
const SPREAD_MS = 10_000 // the pages that a change makes readers request are spread over this time
const SLOWEST = 3 // times SPREAD_MS, after tries that have failed
const LOOK_MS = 500 // between two looks whether a change would move what is being read

const section = find("pins") // null on pages other than that of the newest posts
const hover = matchMedia("(hover: hover)")

const sleep = ms => new Promise(done => setTimeout(done, ms))
const idOf = card => card.dataset.post
const cardsIn = part => [...part.querySelectorAll(":scope > .tweet")]

// named gives a card ids of its own, like those of the server's pinned posts: the same post can be in the list.
function named(card) {
  for (const part of card.querySelectorAll("[id]")) part.id = `pin-${part.id}`
  card.setAttribute("aria-labelledby", card.getAttribute("aria-labelledby").replace(/\S+/g, "pin-$&"))
  return card
}

// newest returns the page as it is now, or null if it has none of its parts: the network is down, or the server is.
async function newest() {
  try {
    const response = await fetch(list.dataset.path)
    const page = fragment(await response.text())
    return page.querySelector("#pins") && page
  } catch {
    return null
  }
}

// Pins keeps the section equal to that of the page as it is now. Edits and deletions take effect at once. All other
// changes wait until they don't move what is being read.
class Pins {
  #holding = new Holding(section)
  #least = 0 // offset of the newest change of the pins
  #wanted = null // ids of the newest change; the page lacks those that the server doesn't have any more
  #refreshing = false
  #again = false // whether to fetch the page again
  #edited = null // ids of posts that were edited while the page is being fetched; otherwise null

  constructor() {
    for (const card of cardsIn(section)) feed.card({ fresh: card })
    section.addEventListener("error", ({ target }) => replaceBroken(target, words), { capture: true })
    keepLongTextsInView(section)
    channel
      .bind("screen", event => this.#screen(event))
      .bind("create", event => this.#update(event))
      .bind("update", event => this.#update(event))
      .bind("destroy", event => this.#destroy(event))
      .bind(GAP, () => {
        this.#least = 0 // the log can be a new one
        this.#wanted = null
        this.#refresh()
      })
  }

  // Events of the channel

  #screen({ data: { pins }, offset }) {
    this.#least = offset
    const before = this.#wanted
    this.#wanted = pins.filter(id => !timeline.isDeleted(id)).slice(0, MOST).join()
    if (![before, cardsIn(section).map(idOf).join()].includes(this.#wanted)) this.#refresh()
  }

  #update({ data: { id, html } }) {
    this.#edited?.add(id)
    const card = this.#find(id)
    if (!card || !html) return
    const pin = holding.active ? null : cardsIn(section).find(card => !scroller.isCut(card))
    const anchor = pin ?? feed.focused ?? scroller.reading
    scroller.keep(() => patch(card, named(feed.card({ html }))), anchor)
  }

  #destroy({ data: { id, reason } }) {
    const card = this.#find(id)
    if (!card) return
    feed.markDeleted(card, reason)
    this.#refresh() // another post can take its place
  }

  // Internal

  #find(id) {
    return cardsIn(section).find(card => idOf(card) === id)
  }

  // #stopped reports whether the reader has paused or scrolled down, or is using the list or the section.
  get #stopped() {
    const isPointed = hover.matches && section.matches(":hover")
    return timeline.paused || !scroller.atTop || holding.active || this.#holding.active || isPointed
  }

  // #movesNothing reports whether the section can change: the reader is at the top and reads nothing there, or the
  // section is above the window, so that scrolling makes up for the change.
  get #movesNothing() {
    return !this.#stopped || list.getBoundingClientRect().top < 0
  }

  async #refresh() {
    this.#again = true
    if (this.#refreshing) return
    this.#refreshing = true
    for (let tries = 1; this.#again; tries = Math.min(tries + 1, SLOWEST)) {
      await sleep(Math.random() * SPREAD_MS * tries)
      while (!this.#movesNothing) await sleep(LOOK_MS)
      await this.#try()
    }
    this.#refreshing = false
  }

  // #try shows the pinned posts of the page as it is now, unless something has changed meanwhile.
  async #try() {
    this.#again = false
    this.#edited = new Set()
    const page = await newest()
    const fresh = page ? cardsIn(page.querySelector("#pins")) : []
    const old = !page || Number(page.querySelector("#feed").dataset.offset) < this.#least || fresh.some(card => this.#edited.has(idOf(card)))
    if (old || !this.#movesNothing) this.#again = true
    else this.#show(fresh)
    this.#edited = null
  }

  // #show replaces the cards. Posts that stay keep their elements.
  #show(fresh) {
    const cards = fresh.filter(card => !timeline.isDeleted(idOf(card))).map(card => this.#card(card))
    const focused = section.contains(document.activeElement)
    const change = () => {
      for (const old of [...section.querySelectorAll(":scope > article")]) if (!cards.includes(old)) old.remove()
      cards.forEach((card, i) => section.children[i + 1] !== card && section.insertBefore(card, section.children[i + 1] ?? null))
    }
    if (this.#stopped) scroller.keep(change)
    else scroller.flow(change)
    if (focused && !section.contains(document.activeElement)) list.focus({ preventScroll: true })
  }

  #card(fresh) {
    feed.card({ fresh })
    const card = this.#find(idOf(fresh))
    if (card) patch(card, fresh)
    return card ?? fresh
  }
}

if (section) new Pins()
