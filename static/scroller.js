// Keeps what is being read in place when the list changes.

import { find } from "./dom.js"
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

// Scroller runs changes of the list and compensates for them: at the top of the page by moving the list
// alone, elsewhere in the scroll position. The style sheet disables the browser's scroll anchoring, which
// would compensate a second time.
export class Scroller {
  #feed
  #rest = 0 // fraction of a pixel not yet compensated
  #flow = find("flow") // the list with the sources above it and the links below it
  #above = 0 // by how many px it is above its place
  #frame // animation frame of the glide to its place

  constructor(feed) {
    this.#feed = feed
    for (const name of ["wheel", "touchstart", "pointerdown"]) addEventListener(name, event => this.#disturbed(event), { passive: true })
    addEventListener("keydown", event => /^(Arrow|Page|Home|End|Tab| )/.test(event.key) && this.#disturbed(event))
  }

  get atTop() {
    return scrollY <= limits.topPx
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

  // flow runs the function change, which alters what is above anchor. The list then glides to its new
  // place. It stays where it was for the frame in which the list is altered, because otherwise the browser
  // would count a layout shift. The scroll position stays, too: what is above the list doesn't move.
  flow(change, anchor = this.reading) {
    const before = anchor?.getBoundingClientRect().top
    change()
    if (!anchor?.isConnected) return
    this.#raise(this.#above + anchor.getBoundingClientRect().top - before)
    const from = this.#above
    this.#frame = requestAnimationFrame(now => this.#glide(now, now, from))
  }

  // grow runs the function change, which alters what is above the list. A page that is at its top stays
  // there.
  grow(change) {
    if (scrollY === 0) this.flow(change)
    else this.keep(change)
  }

  jumpToTop() {
    this.#raise(0)
    scrollTo(0, 0)
  }

  // stop ends the glide. What is being read stays where it is now.
  stop() {
    this.keep(() => this.#raise(0))
  }

  // #disturbed stops the glide when the reader scrolls or presses something in the list.
  // A press on something else doesn't: it would be scrolled away.
  #disturbed({ target }) {
    if (target === document.body || this.#feed.contains(target)) this.stop()
  }

  #glide(now, start, from) {
    const t = Math.min(1, (now - start) / (still.matches ? 1 : limits.glideMs))
    this.#raise(from * (1 - ease(t)))
    if (t < 1) this.#frame = requestAnimationFrame(later => this.#glide(later, start, from))
  }

  // #raise moves the list. The style sheet clips the moved list only, because in a clipped list Chromium
  // counts a change that scrolling made up for as a layout shift.
  #raise(above) {
    cancelAnimationFrame(this.#frame)
    this.#above = above
    this.#flow.style.translate = above === 0 ? "" : `0 ${-above}px`
  }

  #shift(by) {
    const owed = by + this.#rest
    const whole = Math.round(owed)
    this.#rest = owed - whole
    if (whole === 0) return
    scrollBy(0, whole)
  }
}
