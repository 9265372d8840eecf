// The lists of posts that wait, are shown and are hidden.

import { element, find } from "./dom.js"
import { Queue } from "./queue.js"
import { whyHeld } from "./reasons.js"

const MOST = { waiting: 200, shown: 100, hidden: 100 } // posts in each list
const LATER = 200 // shown posts that wait until the moderator stops using the list
const USE_MS = 4_000 // after a touch, a list is in use for this long
const SWEEP_MS = 500 // between two looks whether lists are in use

const root = document.documentElement

function time(at) {
  const created = document.createElement("time")
  created.dateTime = at
  created.dataset.time = "date"
  return created
}

// Desk holds the lists. While the moderator uses a list, nothing in it moves by itself: new posts wait above
// it, and a post that another moderator has decided leaves an empty place.
export class Desk {
  #words
  #clock
  #actions
  #queue
  #later = [] // posts that wait to be shown, the newest last
  #pins = [] // ids of the posts that stay on top, the newest pin first
  #pointed = null // the list under the mouse
  #touched = 0 // when the moderator last touched the page

  constructor(words, clock, actions, claims) {
    this.#words = words
    this.#clock = clock
    this.#actions = actions
    this.#queue = new Queue(find("waiting"), MOST.waiting)
    for (const tab of document.querySelectorAll("[data-tab]")) tab.addEventListener("click", event => this.#open(event, tab.dataset.tab))
    this.open(root.querySelector("#waiting .item") ? "waiting" : "shown")
    for (const item of root.querySelectorAll(".item")) this.#prepare(item)
    for (const list of root.querySelectorAll(".list")) {
      list.addEventListener("pointermove", ({ pointerType }) => pointerType === "mouse" && (this.#pointed = list))
      list.addEventListener("pointerleave", () => (this.#pointed = null))
    }
    addEventListener("pointerdown", ({ pointerType }) => pointerType === "touch" && (this.#touched = performance.now()))
    find("new").addEventListener("click", () => this.#showLater())
    setInterval(() => this.#sweep(), SWEEP_MS)
  }

  // Events

  // put shows the newest version of a post in a list, and nowhere else. isNew says that the post was not on the
  // channel before.
  put(list, data, isNew) {
    const old = this.#find(data.id)
    if (old?.closest(".list")?.id === list) return this.#replace(old, data)
    const isKnown = isNew || Boolean(old)
    if (list !== "waiting") this.#queue.remove(data.id, isKnown)
    if (old) this.#take(old)
    if (list === "waiting" && !this.#queue.add(data.id, isKnown, this.#inUse(find("waiting")))) return this.#count()
    if (list === "shown" && this.#inUse(find("shown"))) {
      this.#later = [...this.#later, data].slice(-LATER)
      return this.#count()
    }
    this.#insert(list, this.#item(data))
  }

  // update shows the newest version of a post if it is in a list.
  update(list, data) {
    const old = this.#find(data.id)
    if (old?.closest(".list")?.id === list) this.#replace(old, data)
    this.#later = this.#later.map(post => post.id === data.id ? data : post)
  }

  // remove removes a post from the lists. What it says is gone at once, even if its place stays.
  remove(id, lists) {
    const item = this.#find(id)
    if (lists.includes("waiting")) this.#queue.remove(id, Boolean(item) || this.#later.some(post => post.id === id))
    if (item && lists.includes(item.closest(".list").id)) this.#take(item)
    if (lists.includes("shown")) this.#later = this.#later.filter(post => post.id !== id)
    this.#count()
  }

  showPins(ids) {
    this.#pins = ids
    for (const item of root.querySelectorAll(".item")) item.toggleAttribute("data-pinned", ids.includes(item.dataset.item))
  }


  // The keyboard

  // press presses the button of the post that has the focus. Without one, the first post gets it.
  press(name) {
    const item = this.#current
    if (!item) return this.step(1)
    const names = { approve: ["approve", "show"], pin: ["pin", "unpin"], block: ["block", "unblock"] }[name] ?? [name]
    const button = [...item.querySelectorAll(".act")].find(button => names.includes(button.dataset.do) && button.checkVisibility())
    button?.click()
    return true
  }

  // step moves the focus to another post of the list, except those that others have claimed.
  step(by) {
    const list = this.#current?.closest(".list") ?? find(root.dataset.list)
    const all = [...list.querySelectorAll(".item:not([inert])")].filter(item => item === this.#current || !item.dataset.claimed)
    const at = all.indexOf(this.#current)
    this.#focus(all[Math.max(0, at + by)] ?? all.at(-1), list)
    return true
  }

  // turn moves the focus to the next list (by is 1) or to the previous one (-1).
  turn(by) {
    const all = [...root.querySelectorAll(".list")]
    const list = all[all.findIndex(({ id }) => id === (this.#current?.closest(".list").id ?? root.dataset.list)) + by]
    if (!list) return true
    this.open(list.id)
    this.#focus(list.querySelector(".item:not([inert], [data-claimed])"), list)
    return true
  }

  // open shows a list on a small screen.
  open(list) {
    root.dataset.list = list
    for (const tab of document.querySelectorAll("[data-tab]")) tab.ariaCurrent = tab.dataset.tab === list ? "true" : null
  }

  // Internal

  #open(event, list) {
    if (matchMedia("(width >= 64rem)").matches) return
    event.preventDefault()
    this.open(list)
    scrollTo(0, 0)
  }

  get #current() {
    return document.activeElement?.closest(".list .item")
  }

  #find(id) {
    return root.querySelector(`#lists .item:not([inert])[data-item="${CSS.escape(id)}"]`)
  }

  #focus(item, list) {
    const target = item?.querySelector(".tweet") ?? list.querySelector(".list__title")
    target.focus()
    item?.scrollIntoView({ block: "nearest" })
  }

  // #inUse reports whether something that moves in a list would disturb the moderator.
  #inUse(list) {
    const touched = this.#touched > 0 && performance.now() - this.#touched < USE_MS
    return list === this.#pointed || touched || list.contains(document.activeElement)
  }

  #item(data) {
    const item = find("item").content.firstElementChild.cloneNode(true)
    item.dataset.item = data.id
    item.querySelector("[name=id]").value = data.id
    this.#fill(item, data)
    return item
  }

  #fill(item, { html, decision }) {
    const card = element(html)
    this.#words.translate(card)
    item.querySelector(".tweet")?.remove()
    item.prepend(card)
    const { why = "", by = "", at } = decision ?? {}
    item.querySelector(".item__reason").textContent = why && whyHeld(this.#words, why)
    item.querySelector(".item__by").textContent = by && this.#words.say("by", { q: by })
    item.toggleAttribute("data-blocked", why.startsWith("author: "))
    item.querySelector(".item__at").replaceChildren(...at ? [time(at)] : [])
    this.#clock.localize(item)
    this.#prepare(item)
  }

  // #prepare makes the card of an item focusable, and names the buttons after its author.
  #prepare(item) {
    const card = item.querySelector(".tweet")
    if (!card) return
    card.tabIndex = 0
    const [author] = card.getAttribute("aria-labelledby").split(" ")
    item.querySelector(".item__acts").setAttribute("aria-labelledby", author)
  }

  #replace(item, data) {
    const focused = item.querySelector(".tweet") === document.activeElement
    this.#fill(item, data)
    if (focused) item.querySelector(".tweet").focus()
  }

  #insert(list, item) {
    const items = find(list).querySelector(".list__items")
    if (list === "waiting" && !this.#queue.newestFirst) items.append(item)
    else items.insertBefore(item, [...items.children].find(({ dataset }) => !("pinned" in dataset)) ?? null)
    while (items.children.length > MOST[list]) items.lastElementChild.remove()
    this.#count()
  }

  // #take removes an item. After an action of this moderator, the next post gets the focus.
  #take(item) {
    const list = item.closest(".list")
    const focused = item.contains(document.activeElement)
    const next = item.nextElementSibling ?? item.previousElementSibling
    if (!this.#actions.isOwn(item.dataset.item) && !focused && this.#inUse(list)) {
      item.style.minBlockSize = `${item.getBoundingClientRect().height}px`
      item.replaceChildren()
      item.inert = true
    } else {
      item.remove()
      if (focused) this.#focus(next, list)
    }
    this.#count()
  }

  #sweep() {
    for (const gone of root.querySelectorAll(".item[inert]")) {
      if (!this.#inUse(gone.closest(".list"))) gone.remove()
    }
    if (!this.#inUse(find("shown"))) {
      if (this.#later.length > 0) this.#showLater()
      this.#sort()
    }
    if (this.#queue.wantsMore(this.#inUse(find("waiting")))) this.#fetchMore()
  }

  // #sort moves the pinned posts to the top.
  #sort() {
    const items = find("shown").querySelector(".list__items")
    const rank = ({ dataset: { item } }) => this.#pins.includes(item) ? this.#pins.indexOf(item) : Infinity
    const pinned = [...items.querySelectorAll("[data-pinned]")].sort((a, b) => rank(a) - rank(b))
    if (pinned.some((item, i) => item !== items.children[i])) items.prepend(...pinned)
  }

  // #fetchMore adds the posts that wait and that the list lacks. While the moderator uses the list, it adds only
  // those behind all others.
  async #fetchMore() {
    const items = find("waiting").querySelector(".list__items")
    const fresh = await this.#queue.fetch()
    const behind = this.#inUse(find("waiting")) ? fresh.findLastIndex(item => this.#find(item.dataset.item)) : -1
    let above = null
    for (const [i, item] of fresh.entries()) {
      const known = this.#find(item.dataset.item)
      if (known && known.parentElement !== items) continue // it has been decided meanwhile
      if (!known && i < behind) {
        this.#queue.skip()
        continue
      }
      if (!known) {
        this.#clock.localize(item)
        this.#prepare(item)
        above ? above.after(item) : items.prepend(item)
      }
      above = known ?? item
    }
    this.#count()
  }

  #showLater() {
    for (const data of this.#later.splice(0)) if (!this.#find(data.id)) this.#insert("shown", this.#item(data))
    this.#count()
  }

  #count() {
    const waiting = this.#later.length
    find("new").hidden = waiting === 0
    find("new").textContent = this.#words.count("pill", waiting)
    for (const list of root.querySelectorAll(".lists > .list")) {
      const n = list.querySelectorAll(".item:not([inert])").length
      const text = list.id === "waiting" ? this.#queue.count(n) : String(n)
      for (const count of root.querySelectorAll(`[data-count="${list.id}"]`)) if (count.textContent !== text) count.textContent = text
    }
  }
}
