// Keeps what is being read in place when the list changes.

import * as limits from "./limits.js"

const header = document.querySelector(".header")

// covered is the height of the header in px. The style sheet uses it to keep elements clear of the header.
let covered = header.offsetHeight
new ResizeObserver(() => {
  covered = header.offsetHeight
  document.documentElement.style.setProperty("--covered", `${covered}px`)
}).observe(header)
const still = matchMedia("(prefers-reduced-motion: reduce)")
const ease = t => 1 - (1 - t) ** 3

// Scroller runs changes of the list and compensates for them in the scroll position. The style sheet
// disables the browser's scroll anchoring, which would compensate a second time.
export class Scroller {
  #feed
  #rest = 0 // fraction of a pixel not yet compensated
  #frame = 0 // animation frame of the smooth scroll in progress (the glide); 0 without one
  #at = 0 // scrollY after the last scroll of this class

  constructor(feed) {
    this.#feed = feed
    for (const name of ["wheel", "touchstart", "pointerdown"]) addEventListener(name, event => this.#disturbed(event), { passive: true })
    addEventListener("keydown", ({ key }) => /^(Arrow|Page|Home|End|Tab| )/.test(key) && this.stop())
  }

  get atTop() {
    return this.#frame !== 0 || scrollY <= limits.topPx
  }

  // room is the height of the window below the header, in px.
  get room() {
    return innerHeight - covered
  }

  sees(element) {
    const { top, bottom } = element.getBoundingClientRect()
    return bottom > 0 && top < innerHeight
  }

  // isCut reports whether the header or the edge of the window hides the top of an element.
  isCut(element) {
    return element.getBoundingClientRect().top < covered
  }

  // reading returns the article being read: the first with a part below the header.
  get reading() {
    return [...this.#feed.querySelectorAll(":scope > article")]
      .find(article => article.getBoundingClientRect().bottom > covered)
  }

  // keep runs the function change, which can alter any part of the list. anchor, by default the article
  // being read, keeps its position in the window.
  keep(change, anchor = this.reading) {
    const before = anchor?.getBoundingClientRect().top
    change()
    if (anchor?.isConnected) this.#shift(anchor.getBoundingClientRect().top - before)
  }

  // flow runs the function change, which adds to the list above anchor, and then scrolls smoothly to the
  // top. Scrolling begins only after the frame in which the list grew is painted, because otherwise the
  // browser would count a layout shift. A reader who points at the filter's row or writes there keeps that
  // row: the page stays at its top.
  flow(change, anchor) {
    if (document.querySelector(".top:is(:hover, :focus-within)")) return change()
    this.stop()
    this.keep(change, anchor)
    this.#at = scrollY
    this.#frame = requestAnimationFrame(() => {
      this.#frame = requestAnimationFrame(now => this.#glide(now, now, scrollY))
    })
  }

  // grow runs the function change, which alters what is above the list. A page that is at its top stays
  // there.
  grow(change) {
    if (this.#frame !== 0 || scrollY === 0) this.flow(change)
    else this.keep(change)
  }

  jumpToTop() {
    this.stop()
    scrollTo(0, 0)
  }

  stop() {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
  }

  // #disturbed stops the glide when the reader scrolls or presses something in the list.
  // A press on the header doesn't: the page would be left short of the top.
  #disturbed({ target }) {
    if (!target.closest?.("header")) this.stop()
  }

  // #glide scrolls one step. It stops if something else has scrolled since the last step, such as a link
  // within the page or find in page.
  #glide(now, start, from) {
    if (Math.abs(scrollY - this.#at) > 1) return this.stop()
    const t = still.matches ? 1 : Math.min(1, (now - start) / limits.glideMs)
    scrollTo(0, from * (1 - ease(t)))
    this.#at = scrollY
    if (t === 1) this.stop()
    else this.#frame = requestAnimationFrame(later => this.#glide(later, start, from))
  }

  #shift(by) {
    const owed = by + this.#rest
    const whole = Math.round(owed)
    this.#rest = owed - whole
    if (whole === 0) return
    scrollBy(0, whole)
    this.#at += whole
  }
}
