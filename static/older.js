// Older posts, appended to the list.

import { find, fragment } from "./dom.js"
import * as limits from "./limits.js"

// fetchPage returns the list of a page, its link to older posts, the text that there are none, its title, and
// whether it is the page of the newest posts. It returns null if there is no such page. A redirect means that, too, unless it
// is to be followed: the server has replaced the log.
export async function fetchPage(href, redirects = "never") {
  const response = await fetch(href)
  if (!response.ok || (response.redirected && redirects === "never")) return null
  const page = fragment(await response.text())
  const part = id => page.querySelector(`#${id}`)
  return { list: part("feed"), link: part("older"), end: part("end"), title: page.querySelector("title").textContent, newest: !part("past") }
}

// Older appends older posts to the list when the reader follows the link to them. Where that isn't
// possible, the browser opens the page that the link leads to.
export class Older {
  #link = find("older")
  #end = find("end")
  #list = find("feed")
  #feed
  #scroller
  #isDeleted
  #updates = null // post id → HTML of an update received while a page is being fetched; otherwise null

  constructor(feed, scroller, isDeleted) {
    this.#feed = feed
    this.#scroller = scroller
    this.#isDeleted = isDeleted
    this.#link.addEventListener("click", event => this.#click(event))
  }

  get more() {
    return !this.#link.hidden
  }

  // pathBefore returns the address of the page of the posts before offset in the log.
  pathBefore(epoch, offset) {
    return `${this.#list.dataset.older}${epoch}:${offset}`
  }

  // pathAfter returns the address that leads to the page of the posts after offset.
  pathAfter(epoch, offset) {
    return this.pathBefore(epoch, offset).replace(/before=([^=]*)$/, "after=$1")
  }

  // note takes an update of a post that isn't in the list, because the post could be on the page that is
  // being fetched.
  note({ id, html }) {
    this.#updates?.set(id, html)
  }

  // next appends the next page of older posts. It returns the number of cards, or null if the page
  // can't be fetched.
  next() {
    return this.whileFetching(async () => {
      const page = await fetchPage(this.#link.href)
      return page && page.list.dataset.epoch === this.#list.dataset.epoch ? this.append(page) : null
    })
  }

  // whileFetching runs the function work, which fetches pages, and collects the updates received meanwhile.
  // It returns what work returns, or null if that fails or if work of an earlier call hasn't ended.
  async whileFetching(work) {
    if (this.#updates) return null
    this.#updates = new Map()
    try {
      return await work()
    } catch {
      return null // the network is down
    } finally {
      this.#updates = null
    }
  }

  get fetching() {
    return this.#updates !== null
  }

  // append adds the cards of a page at the bottom, and its link.
  append({ list, link, end }) {
    const n = this.insert(this.cards(list), cards => this.#feed.append(cards))
    this.#link.href = link.href
    this.#link.hidden = link.hidden
    this.#end.hidden = end.hidden
    return n
  }

  // cards returns the cards of a fetched page, except of posts that have been deleted or are in the list.
  cards(list) {
    return [...list.querySelectorAll(":scope > .tweet")]
      .filter(({ dataset: { post } }) => !this.#isDeleted(post) && !this.#feed.find(post))
  }

  // insert adds cards to the list, with the updates received since the request, and returns their number.
  insert(cards, add) {
    add(cards)
    for (const [id, html] of this.#updates ?? []) {
      const card = this.#feed.find(id)
      if (card) this.#feed.replace(card, html)
    }
    return cards.length
  }

  // verify compares posts with the log up to a position, because the events missed in a gap can include
  // edits and deletions. It calls onFound with each card of the log, and onGone with the id of each post
  // that the log no longer holds. Posts older than the log can't be verified.
  async verify({ epoch, offset }, posts, { onFound, onGone }) {
    const oldest = Math.min(...posts.map(post => post.offset))
    const found = new Set()
    let href = this.pathBefore(epoch, Number(offset) + 1)
    for (let reached = Infinity; href && reached > oldest;) {
      const page = await fetchPage(href)
      const cards = page ? [...page.list.querySelectorAll(":scope > .tweet")] : []
      if (cards.length === 0) return
      reached = Number(cards.at(-1).dataset.seq)
      href = page.link.hidden ? "" : page.link.href
      for (const card of cards) found.add(card.dataset.post) && onFound(card)
      for (const { id, offset } of posts) if (offset >= reached && !found.has(id)) onGone(id)
    }
  }

  async #click(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    if (this.fetching) return
    const added = await this.next()
    if (added === null) return location.assign(this.#link.href)
    if (added > 0 && event.detail === 0) this.#focus(this.#feed.cards.at(-added)) // the link was followed by keyboard
    this.#feed.trimTop(row => this.#scroller.sees(row) || row.contains(document.activeElement), limits.capOlder)
  }

  // #focus focuses a card, and scrolls only as far as needed to bring the card into view.
  #focus(card) {
    card.focus({ preventScroll: true })
    card.scrollIntoView({ block: "nearest" })
  }
}
