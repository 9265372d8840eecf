// Newer posts, inserted above a list that doesn't begin with the newest.

import { find } from "./dom.js"
import * as limits from "./limits.js"
import { fetchPage } from "./older.js"

const MOST = 12 // requests for one page of newer posts

// Newer inserts newer posts above the list when the reader follows the link to them: on a page of the past,
// and where the list has become too long and lost its newest posts. Where that isn't possible, the browser
// opens the page of the newest posts.
export class Newer {
  #link = find("newer")
  #list = find("feed")
  #feed
  #scroller
  #older
  #onreached // called with the offset up to which the list has all posts, and the number just inserted

  constructor(feed, scroller, older, onreached) {
    this.#feed = feed
    this.#scroller = scroller
    this.#older = older
    this.#onreached = onreached
    this.#link.addEventListener("click", event => this.#click(event))
  }

  async #click(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    if (this.#older.fetching) return
    const added = await this.#older.whileFetching(() => this.#next())
    if (added === null) return location.assign(this.#link.href)
    if (added > 0 && event.detail === 0) this.#feed.cards[added - 1].focus({ preventScroll: true })
    this.#feed.trim(row => this.#scroller.sees(row) || row.contains(document.activeElement), limits.capOlder)
  }

  // #next inserts the next newer posts, and returns their number. A page has the posts before a position, but
  // the page is needed that ends with the first post of the list. Its position is between two bounds: in the
  // range up to low there is no newer post, and up to high there are more than a page holds.
  async #next() {
    const { epoch, offset } = this.#list.dataset
    const [top, tip] = [this.#feed.newest, Number(offset)]
    let [low, high] = [top, Infinity]
    let end = top + limits.recent
    for (let n = MOST; n > 0; n--) {
      end = Math.min(end, tip)
      const page = await fetchPage(this.#older.pathBefore(epoch, end + 1))
      if (page?.list.dataset.epoch !== epoch) return null
      const newer = [...page.list.querySelectorAll(":scope > .tweet")].filter(({ dataset: { seq } }) => seq > top)
      const full = newer.length >= limits.recent && end - low > limits.recent
      if (full) high = end
      else if (newer.length > 0 || end === tip) return this.#insert(page.list, end === tip && tip)
      else low = end
      end = high < Infinity ? low + Math.max(limits.recent, Math.floor((high - low) / 2)) : top + 4 * (end - top)
    }
    return null
  }

  #insert(list, tip) {
    const top = this.#feed.newest
    const cards = this.#older.cards(list).filter(({ dataset: { seq } }) => seq > top)
    let n
    this.#scroller.keep(() => (n = this.#older.insert(cards, cards => this.#feed.insertAbove(cards))))
    if (tip) this.#onreached(tip, n)
    return n
  }
}
