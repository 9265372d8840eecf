// What all screens have in common: the posts that they know, and the connection.

import { attempt, CAUGHT_UP, GAP } from "./channel.js"
import { element, find, fragment } from "./dom.js"
import { Kept } from "./kept.js"
import { deleted } from "./limits.js"
import { patch } from "./patch.js"
import { Renewal } from "./renewal.js"
import * as limits from "./screenlimits.js"
import { Socket } from "./socket.js"
import { Words } from "./words.js"

const root = document.documentElement
const list = find("feed")

// covered reports whether a part of a post is behind a warning. Text in HTML has no unescaped quotation marks.
const covered = ({ html, fresh }) => (fresh ? Boolean(fresh.querySelector(".cover")) : html.includes('class="cover"'))

// Screen keeps the newest posts, and those that are shown. It calls the methods of its view:
//
//   - arrived(post): a new post
//   - changed(): posts, the pins or the state have changed
//   - gone(post): a post was deleted, hidden or covered
//
// A post is { id, html or fresh, approved, card, shown, waits }: fresh is its card on a fetched page, approved
// says that a moderator has shown it, and card is the element on the screen. The view sets shown while the post is
// there, and waits until its turn.
export class Screen {
  words = new Words()
  state = list.dataset.show // "", "freeze" or "blank"
  pins = JSON.parse(list.dataset.pins) // ids of the posts that stay on top, the newest pin first

  #view
  #covers // whether posts with a warning are shown
  #posts = new Map() // by id, oldest first
  #gone = new Kept(deleted) // ids of posts that were deleted, hidden or covered
  #changed = new Set() // posts whose new version is shown after a freeze
  #missed = null // ids that events have changed while the page is being fetched, and a symbol for the state
  #again = false // whether to fetch the page again
  #lost // timer

  constructor({ covers = false } = {}) {
    this.#covers = covers
    this.#adopt(document)
  }

  get posts() {
    return [...this.#posts.values()]
  }

  // pinned returns the posts that stay on top.
  get pinned() {
    return this.pins.map(id => this.#posts.get(id)).filter(Boolean)
  }

  get running() {
    return this.state === ""
  }

  // card returns the element of a post.
  card(post) {
    return (post.card ??= this.#make(post))
  }

  // start shows the posts in a view, and follows the channel.
  start(view) {
    this.#view = view
    view.changed()
    const socket = new Socket(list.dataset)
    socket.subscribe(list.dataset.channel, list.dataset, list.dataset.filter)
      .bind("create", event => this.#create(event))
      .bind("update", event => this.#update(event))
      .bind("destroy", ({ data: { id } }) => this.#remove(id))
      .bind("screen", ({ data }) => this.#show(data))
      .bind(GAP, () => this.#refresh())
      .bind(CAUGHT_UP, () => this.#found())
    const renewal = new Renewal(list.dataset)
    socket.addEventListener("lost", ({ detail }) => {
      this.#lose()
      if (detail.old) renewal.reload()
    })
    addEventListener("offline", () => socket.drop())
    addEventListener("online", () => socket.wake())
    document.addEventListener("visibilitychange", () => document.hidden || socket.wake())
  }

  // Events of the channel

  #create({ data: { id, html, late, approved } }) {
    if (!html || this.#gone.has(id)) return
    this.#missed?.add(id)
    if (this.#posts.has(id)) return this.#change(id, { html })
    const post = { id, html, approved }
    if (!this.#covers && covered(post)) return
    this.#remember(post)
    if (!late || approved) this.#view.arrived(post)
  }

  #update({ data: { id, html } }) {
    this.#missed?.add(id)
    if (html) this.#change(id, { html })
  }

  #change(id, { html, fresh }) {
    const post = this.#posts.get(id)
    if (!post) return
    if (!this.#covers && covered({ html, fresh })) return this.#remove(id)
    Object.assign(post, { html, fresh })
    if (this.state === "freeze") this.#changed.add(post)
    else this.#renew(post)
  }

  #remove(id) {
    this.#gone.add(id)
    this.#forget(id)
  }

  #forget(id) {
    const post = this.#posts.get(id)
    if (!post) return
    this.#posts.delete(id)
    this.#changed.delete(post)
    this.#view.gone(post)
  }

  #show({ state, pins }) {
    this.#missed?.add(STATE)
    this.#setState(state)
    this.pins = pins
    if (pins.some(id => !this.#posts.has(id) && !this.#gone.has(id))) this.#refresh()
    this.#view.changed()
  }

  #setState(state) {
    const before = this.state
    list.dataset.show = this.state = state
    if (state !== "freeze") for (const post of this.#changed) this.#renew(post)
    if (before !== "" && state === "") this.#refresh() // the page was without posts, or without the newest
  }

  // The posts

  #remember(post) {
    this.#posts.set(post.id, post)
    for (const old of this.#posts.values()) {
      if (this.#posts.size <= limits.known) break
      if (old !== post && !old.shown && !old.waits && !this.pins.includes(old.id)) this.#posts.delete(old.id)
    }
  }

  // #renew shows the newest version of a post.
  #renew(post) {
    this.#changed.delete(post)
    if (!post.card) return
    patch(post.card, this.#make(post))
    this.#view.changed()
  }

  #make({ html, fresh }) {
    if (fresh) return fresh.cloneNode(true)
    const card = element(html)
    this.words.translate(card)
    return card
  }

  // #adopt takes the posts of a page, except those that are known.
  #adopt(page) {
    const cards = [
      ...page.querySelectorAll("#feed > .tweet"),
      ...page.querySelector("#kept").content.querySelectorAll(".tweet"),
    ]
    const fresh = new Map(cards.map(card => [card.dataset.post, card]))
    for (const [id, card] of [...fresh].sort(([, a], [, b]) => a.dataset.seq - b.dataset.seq)) {
      if (this.#posts.has(id) || this.#gone.has(id) || (!this.#covers && covered({ fresh: card }))) continue
      this.#remember({ id, fresh: card })
    }
    return fresh
  }

  // #refresh compares the posts with those of a page as it is now, because events were missed.
  async #refresh() {
    this.#again = true
    if (this.#missed) return
    while (this.#again) {
      this.#again = false
      this.#missed = new Set()
      const page = await this.#fetch()
      if (page) attempt(() => this.#compare(page))
      else this.#again = true
      this.#missed = null
      if (!page) await new Promise(done => setTimeout(done, limits.refreshMs))
    }
  }

  async #fetch() {
    const address = new URL(location.href)
    const shown = this.posts.filter(post => post.shown).slice(-limits.keep)
    for (const { id } of shown) address.searchParams.append("keep", id)
    try {
      const response = await fetch(address, { cache: "no-store" })
      return response.ok ? fragment(await response.text()) : null
    } catch {
      return null // the network is down
    }
  }

  #compare(page) {
    const { pins, show: state } = page.querySelector("#feed").dataset
    if (!this.#missed.has(STATE)) {
      this.pins = JSON.parse(pins)
      this.#setState(state)
    }
    const known = new Set(this.#posts.keys())
    const fresh = this.#adopt(page)
    for (const id of known) {
      if (this.#missed.has(id) || state === "blank") continue
      if (fresh.has(id)) this.#change(id, { fresh: fresh.get(id) })
      else this.#forget(id)
    }
    for (const post of this.posts) if (!known.has(post.id) && !this.pins.includes(post.id)) this.#view.arrived(post)
    this.#view.changed()
  }

  // The connection

  #lose() {
    root.dataset.state = "reconnecting"
    this.#lost ??= setTimeout(() => (root.dataset.lost = ""), limits.lostMs)
  }

  #found() {
    clearTimeout(this.#lost)
    this.#lost = undefined
    delete root.dataset.lost
    root.dataset.state = "live"
  }
}

const STATE = Symbol("state")
