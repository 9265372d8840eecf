// The pictures of a post in large.

import { create, find } from "./dom.js"
import { markMissing } from "./missing.js"

const KEYS = { ArrowLeft: -1, ArrowRight: 1 } // key → step to another picture

// sourceOf returns the address of the picture of an item, as its card shows it.
const sourceOf = item => item.querySelector(".media__image").getAttribute("src")

// write sets a text only if it changes, because a screen reader speaks a live region that is written to.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

// fit gives a loaded picture its own shape. It is shown no larger than it is, or than its card says that it is
// in full size.
function fit(image, declared) {
  image.style.setProperty("--shape", image.naturalWidth / image.naturalHeight)
  image.style.setProperty("--most", `${Math.max(image.naturalWidth, declared)}px`)
}

// Viewer shows the pictures of a post large in a dialog, when the reader follows the link of one of them.
// It includes the pictures for which the card has no room. A video, which the content security policy
// forbids to play here, is shown as its picture, which is then a link to the video.
export class Viewer {
  #dialog = find("viewer")
  #stage = find("viewer-stage")
  #list
  #words
  #media // the element in the card that contains the pictures
  #opener // the link that opened the dialog
  #card // of the post
  #items = [] // of the pictures in the card
  #source // the address of the picture shown
  #changes = new MutationObserver(() => this.#follow())

  constructor(list, words) {
    this.#list = list
    this.#words = words
    list.closest("main").addEventListener("click", event => this.#click(event))
    find("viewer-previous").addEventListener("click", () => this.#step(-1))
    find("viewer-next").addEventListener("click", () => this.#step(1))
    this.#dialog.addEventListener("keydown", ({ key }) => key in KEYS && this.#step(KEYS[key]))
    this.#dialog.addEventListener("click", ({ target }) => /^(viewer|viewer-stage)$/.test(target.id) && this.#dialog.close())
    this.#dialog.addEventListener("close", () => this.#closed())
    this.#stage.addEventListener("error", ({ target }) => markMissing(target, words), { capture: true })
  }

  // #click leaves clicks that open a new tab or a new window to the browser.
  #click(event) {
    const link = event.target.closest(".media__link")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    this.#opener = link
    this.#media = link.closest(".media")
    this.#card = link.closest("article")
    this.#collect()
    this.#changes.observe(this.#list.closest("main"), { childList: true, subtree: true })
    this.#show(link.closest(".media__item"))
    this.#dialog.showModal()
    this.#dialog.focus() // on a button, the press of Enter that opened the dialog would also press the button
  }

  #collect() {
    this.#items = [...this.#media.querySelectorAll(":scope > .media__item")]
  }

  get #at() {
    return this.#items.findIndex(item => sourceOf(item) === this.#source)
  }

  // #step shows another picture, unless this is the last one in that direction.
  #step(by) {
    const item = this.#items[this.#at + by]
    if (item) this.#show(item)
  }

  #show(item) {
    this.#source = sourceOf(item)
    const image = this.#enlarged(item)
    const kind = item.querySelector(".media__kind")?.cloneNode(true)
    const link = item.querySelector(".media__link")
    const target = kind && link ? link.cloneNode() : create("span", "")
    target.className = "viewer__frame"
    target.append(image, ...(kind ? [kind] : []))
    this.#stage.replaceChildren(target)
    this.#describe(item)
  }

  #describe(item) {
    const { alt } = item.querySelector(".media__image")
    const n = this.#items.length
    const link = item.querySelector(".media__link:not(:has(.media__kind))") // a video is itself a link to it
    write(find("viewer-count"), n > 1 ? `${this.#at + 1} / ${n}` : "")
    write(find("viewer-words"), alt || this.#words.say("undescribed"))
    find("viewer-words").classList.toggle("hidden", !alt)
    find("viewer-original").hidden = !link
    if (link) find("viewer-original").href = link.href
    for (const [id, last] of [["viewer-previous", 0], ["viewer-next", n - 1]]) {
      find(id).hidden = n < 2
      find(id).ariaDisabled = this.#at === last // a disabled button would lose the focus
    }
  }

  // #enlarged returns a picture that fills the stage. It is the one of the card, which the browser has
  // already, until the one in full size is loaded.
  #enlarged(item) {
    const image = item.querySelector(".media__image").cloneNode()
    const declared = item.matches(".media__item--unknown") ? 0 : image.width
    image.className = "viewer__image"
    image.loading = "eager"
    if (declared) image.style.setProperty("--shape", image.width / image.height)
    image.addEventListener("load", () => fit(image, declared))
    const link = item.querySelector(".media__link[data-full]")
    if (link && link.href !== image.src) this.#sharpen(image, link.href)
    return image
  }

  async #sharpen(image, address) {
    const full = new Image()
    full.src = address
    await full.decode().then(() => (image.src = address)).catch(() => {}) // the smaller picture stays
  }

  // #follow is called when the list has changed. If the picture shown has left its post, or the post has
  // been deleted or got a content warning, the dialog closes.
  #follow() {
    this.#collect()
    const item = this.#items[this.#at]
    if (item && this.#media.isConnected && !this.#media.closest("details:not([open])")) this.#describe(item)
    else this.#dialog.close()
  }

  // #closed returns the focus to the link that opened the dialog or, if that is gone, to the card.
  #closed() {
    this.#changes.disconnect()
    this.#stage.replaceChildren()
    const there = [this.#opener, this.#card, this.#list].find(element => element.isConnected)
    there.focus({ preventScroll: true })
  }
}
