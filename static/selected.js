// The selected post on a small screen, whose buttons are in a bar at the bottom.

import { find } from "./dom.js"

const BAR_PX = 64 // height of the bar
const LEAST_PX = 40 // height of the part of a post that must be seen

const root = document.documentElement
const large = matchMedia("(width >= 64rem)")

// SelectedPost selects the post that was touched or that has the focus or, once that has left the window, the first one
// in the window. The style sheet puts the buttons of the selected post into the bar.
export class SelectedPost {
  #lists = find("lists")
  #head = document.querySelector(".admin__head")
  #tabs = document.querySelector(".tabs")
  #due = false

  constructor() {
    root.dataset.actionBar = ""
    for (const name of ["click", "focusin"]) this.#lists.addEventListener(name, ({ target }) => this.#select(target.closest(".item")))
    for (const name of ["scroll", "resize"]) addEventListener(name, () => this.#look(), { passive: true })
    new MutationObserver(() => this.#look()).observe(this.#lists, { childList: true, subtree: true })
    new MutationObserver(() => this.#look()).observe(root, { attributeFilter: ["data-list"] })
    this.#look()
  }

  #look() {
    if (this.#due || large.matches) return
    this.#due = true
    requestAnimationFrame(() => {
      this.#due = false
      if (!this.#isSeen(this.#selected)) this.#select([...this.#lists.querySelectorAll(".item:not([inert])")].find(item => this.#isSeen(item)))
    })
  }

  get #selected() {
    return this.#lists.querySelector(".item[data-selected]")
  }

  #select(item) {
    const old = this.#selected
    if (!item || item === old || item.inert) return
    if (old) delete old.dataset.selected
    item.dataset.selected = ""
  }

  // #isSeen reports whether a part of a post is between the header and the bar.
  #isSeen(item) {
    if (!item || item.inert || !item.checkVisibility()) return false
    const { top, bottom } = item.querySelector(".tweet").getBoundingClientRect()
    const from = this.#head.getBoundingClientRect().bottom
    const to = this.#tabs.getBoundingClientRect().top - BAR_PX
    return Math.min(bottom, to) - Math.max(top, from) >= Math.min(LEAST_PX, bottom - top)
  }
}
