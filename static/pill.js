// The button that shows waiting posts.

import { find } from "./dom.js"

// Pill shows how many posts wait. If away is true, the title of the tab shows the number, too, and its
// icon shows that posts wait.
export class Pill {
  #words
  #away = false // whether the tab shows that posts wait
  #element = find("pill")
  #icon = find("icon")
  #icons = { calm: find("icon").href, waiting: new URL(find("icon").dataset.waiting, location.href).href }
  #name = document.title
  #timer

  constructor(words) {
    this.#words = words
  }

  show(n, away) {
    this.#element.hidden = n === 0
    this.#element.dataset.count = n
    if (n > 0) this.#element.textContent = this.#words.pill(n)
    this.#timer ??= setTimeout(() => this.#updateTab(), 1000)
    this.#away = away && n > 0
  }

  #updateTab() {
    this.#timer = undefined
    const n = Number(this.#element.dataset.count)
    const title = this.#away ? `(${n > 99 ? "99+" : n}) ${this.#name}` : this.#name
    const icon = this.#away ? this.#icons.waiting : this.#icons.calm
    if (document.title !== title) document.title = title
    if (this.#icon.href !== icon) this.#icon.href = icon
  }
}
