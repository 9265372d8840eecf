// The box with the filter of the page.

import { create, find } from "./dom.js"
import { Memory } from "./memory.js"

const KEY = "filters"
const MOST = 8 // filters remembered

// Filter is the box in which the reader writes which posts to show. Its form is sent like any other: the
// server knows what matches. The browser alone remembers the recent filters, until the reader clears them.
export class Filter {
  #box = find("q")
  #recent = read()
  #list = create("datalist", "")

  // shown is the filter of this page; empty if the page shows all posts.
  constructor(shown) {
    this.#list.id = "recent-filters"
    this.#box.after(this.#list)
    this.#box.setAttribute("list", this.#list.id)
    this.#box.addEventListener("keydown", event => this.#press(event))
    this.#box.addEventListener("search", () => this.#box.value || this.#clear()) // the box was emptied by its button
    this.#box.form.addEventListener("submit", event => {
      if (this.#box.value.trim()) return
      event.preventDefault()
      this.#clear()
    })
    find("forget").addEventListener("click", () => this.#remember([]))
    if (shown && this.#box.value) this.#remember([this.#box.value, ...this.#recent])
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
    this.#list.replaceChildren(...this.#recent.map(filter => new Option(filter)))
    find("recent").hidden = this.#recent.length === 0
  }
}

function read() {
  try {
    return JSON.parse(Memory.read("localStorage", KEY)).filter(filter => typeof filter === "string")
  } catch {
    return [] // nothing is remembered, or something else is
  }
}
