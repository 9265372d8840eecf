// Which moderator looks at which post that waits.

import { find } from "./dom.js"

const LOOK_MS = 500 // a post is claimed after the moderator has looked at it for this long
const CLAIM_MS = 30_000 // a claim lasts for this long, as on the server …
const RENEW_MS = 20_000 // … and is renewed after this long

// Claims claims the post that has the focus or the pointer, and marks those that others have claimed.
export class Claims {
  #words
  #clock
  #actions
  #name = find("desk").dataset.name
  #list = find("waiting")
  #look // timer
  #claimed = null // id of the post that this moderator looks at

  constructor(words, clock, actions) {
    this.#words = words
    this.#clock = clock
    this.#actions = actions
    this.#list.addEventListener("focusin", ({ target }) => this.#lookAt(target))
    this.#list.addEventListener("pointerover", ({ target }) => this.#lookAt(target))
    this.#list.addEventListener("focusout", () => this.#lookAway())
    this.#list.addEventListener("pointerleave", () => this.#lookAway())
  }

  // hear shows the claim of another moderator until it is over. Of two claims, the first holds.
  hear({ id, by, at }) {
    const item = this.#list.querySelector(`[data-item="${CSS.escape(id)}"]`)
    const left = new Date(at) - this.#clock.now + CLAIM_MS
    if (!item || by === this.#name || left <= 0) return
    this.#mark(item, by)
    clearTimeout(item.claim)
    item.claim = setTimeout(() => this.#mark(item, null), left)
  }

  // Internal

  #lookAt(target) {
    const item = target.closest(".item")
    if (!item || item.dataset.item === this.#claimed) return
    this.#lookAway()
    this.#claimed = item.dataset.item
    this.#look = setTimeout(() => this.#claim(item), LOOK_MS)
  }

  #lookAway() {
    clearTimeout(this.#look)
    this.#claimed = null
  }

  async #claim(item) {
    const id = item.dataset.item
    if (!item.isConnected || item.dataset.claimed) return
    this.#look = setTimeout(() => this.#claim(item), RENEW_MS)
    const { holder } = await this.#actions.post("claim", { id })
    if (holder && holder !== this.#name) this.hear({ id, by: holder, at: this.#clock.now })
  }

  #mark(item, by) {
    const note = item.querySelector(".item__claim")
    if (by) item.dataset.claimed = by
    else delete item.dataset.claimed
    note.hidden = !by
    note.textContent = by ? this.#words.say("claimed", { q: by }) : ""
    for (const button of item.querySelectorAll(".act")) button.disabled = Boolean(by)
  }
}
