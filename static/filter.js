// The box with the filter of the page.

import { create, find } from "./dom.js"
import { Memory } from "./memory.js"

const KEY = "filters"
const MOST = 8 // filters remembered

// Filter is the box in which the reader writes which posts to show. Its form is sent like any other: the
// server knows what matches. The browser alone remembers the recent filters that the reader has written, until
// the reader clears them. Menu and box offer them.
export class Filter {
  #box = find("q")
  #recent = read()
  #links = find("recent-filters")

  // shown is the filter of this page; empty if the page shows all posts.
  constructor(shown) {
    this.#box.addEventListener("keydown", event => this.#press(event))
    this.#box.addEventListener("search", () => this.#box.value || this.#clear()) // the box was emptied by its button
    this.#box.form.addEventListener("submit", event => {
      if (this.#box.value.trim()) return Memory.write("sessionStorage", KEY, "written")
      event.preventDefault()
      this.#clear()
    })
    find("forget").addEventListener("click", () => this.#remember([]))
    if (shown && Memory.read("sessionStorage", KEY)) this.#remember([this.#box.value, ...this.#recent])
    Memory.write("sessionStorage", KEY, "")
    this.#offer()
  }

  focus() {
    this.#box.focus()
    this.#box.select()
  }

  // #press handles Escape: it empties the box and, if the box is empty, leads back to all posts.
  #press({ key, isComposing }) {
    if (key !== "Escape" || isComposing) return
    if (this.#box.value) this.#box.value = ""
    else if (find("found").hidden) this.#box.blur()
    else this.#clear()
  }

  // #clear leads from the posts that match a filter to all posts.
  #clear() {
    if (!find("found").hidden) location.assign(find("clear").href)
  }

  #remember(filters) {
    this.#recent = [...new Set(filters)].slice(0, MOST)
    Memory.write("localStorage", KEY, JSON.stringify(this.#recent))
    this.#offer()
  }

  #offer() {
    this.#links.replaceChildren(...this.#recent.map(filter => this.#link(filter)))
    find("recent").hidden = this.#recent.length === 0
  }

  #link(filter) {
    const link = create("a", "menu__option", filter)
    link.href = `${this.#box.form.action}?q=${encodeURIComponent(filter)}`
    link.dir = "auto"
    return link
  }
}

function read() {
  try {
    return [...JSON.parse(Memory.read("localStorage", KEY))]
  } catch {
    return [] // nothing is remembered, or something else is
  }
}
