// A wall that shows one post at a time.

import { create, find } from "./dom.js"
import { fit } from "./fit.js"

const FADE_MS = 700
const SIZES = [1.8, 1.5, 1.25, 1, 0.85, 0.7, 0.55, 0.4] // to try, largest first
const still = matchMedia("(prefers-reduced-motion: reduce)")

// Spotlight shows new posts and, while none waits, the pinned ones in turn.
export class Spotlight {
  #screen
  #stage = create("div", "wall__stage")
  #post
  #pin = 0 // index of the next pinned post

  constructor(screen, list) {
    this.#screen = screen
    list.replaceChildren(this.#stage)
  }

  fill(posts) {
    const post = this.#screen.pinned[0] ?? posts[0]
    if (post && !this.#post) this.show(post)
  }

  show(post) {
    if (post === this.#post) return
    this.#clear()
    this.#post = post
    post.shown = true
    const card = this.#screen.card(post)
    this.#stage.append(card)
    this.#fit()
    if (!still.matches) card.animate([{ opacity: 0 }, { opacity: 1 }], FADE_MS)
  }

  rest() {
    const { pinned } = this.#screen
    if (pinned.length > 0) this.show(pinned[this.#pin++ % pinned.length])
  }

  remove(post) {
    if (post !== this.#post) return
    this.#clear()
    this.fill(this.#screen.posts.toReversed())
  }

  arrange() {
    if (this.#post) this.#fit()
    else if (this.#screen.running) this.fill(this.#screen.posts.toReversed())
  }

  #clear() {
    if (!this.#post) return
    this.#stage.replaceChildren()
    this.#post.card = undefined // the post is small without it
    this.#post.shown = false
    this.#post = undefined
  }

  #fit() {
    const label = this.#label()
    fit(this.#post.card, this.#stage.clientHeight - (label?.offsetHeight ?? 0), SIZES)
  }

  // #label returns the label of a post that stays on top, or undefined for another post.
  #label() {
    const old = this.#stage.querySelector(":scope > .pinned")
    if (!this.#screen.pinned.includes(this.#post)) return void old?.remove()
    if (!old) this.#stage.prepend(find("pinned").content.cloneNode(true))
    return this.#stage.firstElementChild
  }
}
