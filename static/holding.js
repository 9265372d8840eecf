// Whether the reader is using something in the list.

import * as limits from "./limits.js"

// Holding reports whether new cards would disturb the reader: the keyboard's focus or a
// selection is in the list, a dialog is open, a finger is on the screen, or the pointer has
// just moved over the list. A pointer at rest doesn't count, as it can stay over the list for hours.
export class Holding {
  #feed
  #movedAt = -Infinity
  #at = "" // position on the screen; browsers report a move of a pointer at rest when the page scrolls
  #touching = false
  #until = -Infinity // until when new cards wait because of focus, selection, dialog or touch

  constructor(feed) {
    this.#feed = feed
    feed.addEventListener("pointermove", event => this.#point(event), { passive: true })
    feed.addEventListener("pointerleave", () => (this.#movedAt = -Infinity), { passive: true })
    addEventListener("touchstart", event => this.#touch(event), { passive: true })
  }

  get active() {
    const now = performance.now()
    if (this.#busy) this.#until = now + limits.holdMs
    return now < Math.max(this.#until, this.#movedAt + limits.pointerMs)
  }

  // has reports whether the pointer, the focus or a selection is in this element.
  has(element) {
    return element.matches(":hover, :focus-within") || getSelection().containsNode(element, true)
  }

  get #busy() {
    return this.#touching || this.#selecting || this.#feed.querySelector(":focus-visible") !== null ||
      document.querySelector("dialog[open]") !== null
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

  #point({ pointerType, screenX, screenY }) {
    const at = `${screenX} ${screenY}`
    if (pointerType === "mouse" && at !== this.#at) this.#movedAt = performance.now()
    this.#at = at
  }
}
