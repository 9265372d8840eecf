// The script of an overlay: posts over the picture of a broadcast, the newest at the bottom.

import { find } from "./dom.js"
import { tidy } from "./pictures.js"
import { Screen } from "./screen.js"
import { Turns } from "./turns.js"

const LOOK_MS = 250 // between two looks for posts to fade
const FADE_MS = 800
const RISE_MS = 500

const list = find("feed")
const most = Number(list.dataset.max)
const fadeAfter = Number(list.dataset.fade)
const screen = new Screen()
const turns = new Turns(screen, false)
const shown = new Map() // post → time at which it appeared; oldest first

function show(post) {
  const card = screen.card(post)
  post.shown = true
  shown.set(post, performance.now())
  list.append(card)
  card.animate([{ opacity: 0, translate: "0 1rem" }, { opacity: 1, translate: "0 0" }], { duration: RISE_MS, easing: "ease-out" })
  trim()
}

function remove(post) {
  if (!shown.delete(post)) return
  post.card.remove()
  post.card = undefined
  post.shown = false
}

// trim removes the oldest posts that are too many or too high for the window. Pinned ones stay.
function trim() {
  for (const post of unpinned()) {
    const free = unpinned()
    if (free.length <= most && (free.length === 1 || list.firstElementChild.getBoundingClientRect().top >= 0)) return
    remove(post)
  }
}

const unpinned = () => [...shown.keys()].filter(post => !screen.pinned.includes(post))

// fade removes the posts whose time is over.
function fade() {
  if (!screen.running) return
  for (const post of unpinned()) {
    const over = performance.now() - shown.get(post) - fadeAfter
    if (over >= FADE_MS) remove(post)
    else if (over >= 0 && !post.fading) {
      post.fading = true
      post.card.animate([{ opacity: 1 }, { opacity: 0 }], { duration: FADE_MS, fill: "forwards" })
    }
  }
}

function pin() {
  for (const post of screen.pinned.toReversed()) {
    if (!post.shown) show(post)
    list.prepend(post.card)
  }
}

list.style.setProperty("--bg", list.dataset.bg)
tidy(list)
list.replaceChildren()
for (const post of screen.posts.slice(-most)) show(post)
screen.start({
  arrived: post => turns.add(post),
  gone(post) {
    turns.remove(post)
    remove(post)
  },
  changed: pin,
})
setInterval(() => {
  const post = screen.running && turns.next()
  if (post && !post.shown) show(post)
}, Number(list.dataset.every))
setInterval(fade, LOOK_MS)
addEventListener("resize", trim)
