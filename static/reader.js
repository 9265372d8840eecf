// The reader: where they look, what they hold, what they press.

import { limits, Memory } from "./page.js"

const HEADER = 56 // px
const ease = t => 1 - (1 - t) ** 3

// Scroller changes the list without moving what is being read. The style sheet
// turns the browser's own scroll anchoring off: two that compensate are one too many.
export class Scroller {
  static #still = matchMedia("(prefers-reduced-motion: reduce)")

  #feed
  #rest = 0 // the part of a pixel we still owe
  #frame = 0 // of the glide under way

  constructor(feed) {
    this.#feed = feed
    for (const name of ["wheel", "touchstart", "pointerdown"]) addEventListener(name, event => this.#disturbed(event), { passive: true })
    addEventListener("keydown", ({ key }) => /^(Arrow|Page|Home|End|Tab| )/.test(key) && this.stop())
  }

  get atTop() {
    return this.#frame !== 0 || scrollY <= limits.top
  }

  sees(element) {
    const { top, bottom } = element.getBoundingClientRect()
    return bottom > 0 && top < innerHeight
  }

  // The first article that is not under the header.
  get reading() {
    return [...this.#feed.querySelectorAll(":scope > article")]
      .find(article => article.getBoundingClientRect().bottom > HEADER)
  }

  // keep runs change somewhere in the list; the reading place stays.
  keep(change) {
    const anchor = this.reading
    const before = anchor?.getBoundingClientRect().top
    change()
    if (anchor?.isConnected) this.#shift(anchor.getBoundingClientRect().top - before)
  }

  // flow lets new cards in at the top. First they are put above the window,
  // in one frame; that frame is painted; only then we glide up to them. In any
  // other order the browser counts, and the reader sees, everything jump.
  flow(change) {
    this.stop()
    this.keep(change)
    this.#frame = requestAnimationFrame(() => {
      this.#frame = requestAnimationFrame(now => this.#glide(now, now, scrollY))
    })
  }

  jumpToTop() {
    this.stop()
    scrollTo(0, 0)
  }

  stop() {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
  }

  // #disturbed lets the reader scroll as they like. What is pressed outside of the
  // posts is no scrolling, and a glide that it stopped would have left the top.
  #disturbed({ target }) {
    if (!target.closest?.("header, #pill")) this.stop()
  }

  #glide(now, start, from) {
    const t = Scroller.#still.matches ? 1 : Math.min(1, (now - start) / limits.glideMs)
    scrollTo(0, from * (1 - ease(t)))
    if (t === 1) this.stop()
    else this.#frame = requestAnimationFrame(later => this.#glide(later, start, from))
  }

  #shift(by) {
    const owed = by + this.#rest
    const whole = Math.round(owed)
    this.#rest = owed - whole
    if (whole !== 0) scrollBy(0, whole)
  }
}

// Holding knows when the reader has something in the list under the pointer,
// the finger, the focus or the selection, which must not be moved away.
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

  // has tells whether the reader holds this very element.
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

  // The end of a touch is told to what it began on, which may have left the document.
  #touch({ target }) {
    this.#touching = true
    for (const name of ["touchend", "touchcancel"]) target.addEventListener(name, this.#touched, { passive: true })
  }

  #touched = ({ touches }) => (this.#touching = touches.length > 0)

  #point({ pointerType }) {
    if (pointerType === "mouse") this.#moved = performance.now()
  }
}

// Keys runs what is bound to a key: "j", "Enter", "Alt+PageDown". It keeps out
// of text being written, of an input method composing it, and of dialogs, and
// the keys that are one character can be switched off.
export class Keys {
  #bound
  #single = document.getElementById("single")

  constructor(bound) {
    this.#bound = new Map(Object.entries(bound))
    this.#single.checked = Memory.read("localStorage", "single-keys") !== "off"
    this.#single.addEventListener("change", () => this.#remember())
    addEventListener("keydown", event => this.#press(event))
  }

  #press(event) {
    if (event.isComposing || event.keyCode === 229 || event.metaKey || this.#elsewhere(event.target)) return
    if (event.key.length === 1 && !this.#single.checked) return
    const name = (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + event.key
    if (this.#bound.get(name)?.(event) === true) event.preventDefault()
  }

  #remember() {
    Memory.write("localStorage", "single-keys", this.#single.checked ? "on" : "off")
  }

  #elsewhere(target) {
    return target.closest?.("input, textarea, select, [contenteditable], dialog") != null
  }
}
