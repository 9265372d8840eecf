// Whether the reader is using something in the list.

import { limits } from "./limits.js"

// Holding reports whether the reader has something in the list under the pointer,
// a finger, the focus or the selection. New cards must not move it.
export class Holding {
  #feed
  #moved = -Infinity
  #touching = false
  #until = -Infinity

  constructor(feed) {
    this.#feed = feed
    feed.addEventListener("pointermove", event => this.#point(event), { passive: true })
    addEventListener("touchstart", event => this.#touch(event), { passive: true })
  }

  get active() {
    const now = performance.now()
    if (this.#busy) this.#until = now + limits.holdMs
    return now < this.#until
  }

  // has reports whether the reader is using this element.
  has(element) {
    return element.matches(":hover, :focus-within") || getSelection().containsNode(element, true)
  }

  get #busy() {
    return this.#touching || this.#pointing || this.#selecting || this.#feed.matches(":focus-within") ||
      document.querySelector("dialog[open]") !== null
  }

  get #pointing() {
    if (!this.#feed.matches(":hover")) return false
    return performance.now() - this.#moved < limits.holdMs || this.#feed.querySelector(":is(a, button, summary):hover") !== null
  }

  get #selecting() {
    const selection = getSelection()
    return !selection.isCollapsed && this.#feed.contains(selection.anchorNode)
  }

  // #touch listens on the touched element, because the end of a touch is dispatched there even
  // after the element has left the document.
  #touch({ target }) {
    this.#touching = true
    for (const name of ["touchend", "touchcancel"]) target.addEventListener(name, this.#touched, { passive: true })
  }

  #touched = ({ touches }) => (this.#touching = touches.length > 0)

  #point({ pointerType }) {
    if (pointerType === "mouse") this.#moved = performance.now()
  }
}
