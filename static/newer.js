// Newer posts, inserted above a list that doesn't begin with the newest.

import { find } from "./dom.js"
import * as limits from "./limits.js"
import { fetchPage } from "./older.js"

// Newer inserts newer posts above the list when the reader follows the link to them: on a page of the past,
// and where the list has become too long and lost its newest posts. Where that isn't possible, the browser
// opens the page that the link leads to.
export class Newer {
  #link = find("newer")
  #list = find("feed")
  #feed
  #clock
  #scroller
  #older
  #onreached // called with the offset up to which the list has all posts, and the number just inserted

  constructor(feed, clock, scroller, older, onreached) {
    this.#feed = feed
    this.#clock = clock
    this.#scroller = scroller
    this.#older = older
    this.#onreached = onreached
    this.#link.addEventListener("click", event => this.#click(event))
  }

  async #click(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    if (this.#older.fetching) return
    this.#link.href = this.#older.pathAfter(this.#list.dataset.epoch, this.#feed.newest)
    const added = await this.#older.whileFetching(() => this.#next())
    if (added === null) return location.assign(this.#link.href)
    if (added > 0 && event.detail === 0) this.#feed.cards[added - 1].focus({ preventScroll: true })
    this.#feed.trim(row => this.#scroller.sees(row) || row.contains(document.activeElement), limits.capOlder)
  }

  // #next inserts the next newer posts, and returns their number. The server redirects to the page that ends
  // with them or, if the newest posts do, to the page of the newest.
  async #next() {
    const page = await fetchPage(this.#link.href, "follow")
    if (page?.list.dataset.epoch !== this.#list.dataset.epoch) return null
    const top = this.#feed.newest
    const cards = this.#older.cards(page.list).filter(({ dataset: { seq } }) => seq > top)
    this.#scroller.keep(() => this.#older.insert(cards, cards => this.#feed.insertAbove(cards)))
    if (find("past") && cards.length > 0) this.#rename(page.title)
    if (page.newest) this.#onreached(Number(page.list.dataset.offset), cards.length)
    return cards.length
  }

  // #rename gives a page of the past the title, the address and the time of the posts that it now begins with.
  #rename(title) {
    document.title = title
    history.replaceState(null, "", this.#older.pathBefore(this.#list.dataset.epoch, this.#feed.newest + 1))
    const time = document.querySelector(".main > :is(.top, #past) time")
    if (!time) return
    time.dateTime = this.#feed.cards[0].querySelector("time").dateTime
    this.#clock.localize(time.parentElement)
  }
}
