// The script of the page in a frame of another site.

import { Clock } from "./clock.js"
import { find } from "./dom.js"
import { tidy } from "./pictures.js"
import { Screen } from "./screen.js"

const BATCH_MS = 500 // the shortest time between two changes of the list

const list = find("feed")
const screen = new Screen({ covers: true })
const clock = new Clock(screen.words)
let seen = true // whether a part of the frame is in view
let due // timer of the next change

// render shows the pinned posts and the newest others.
function render() {
  const pinned = screen.pinned
  const others = screen.posts.filter(post => !pinned.includes(post)).toReversed()
  const posts = [...pinned, ...others].slice(0, Number(list.dataset.limit))
  for (const post of screen.posts) if (post.shown && !posts.includes(post)) remove(post)
  posts.forEach((post, i) => {
    if (!post.shown) clock.localize(screen.card(post))
    post.shown = true
    if (list.children[i] !== post.card) list.insertBefore(post.card, list.children[i] ?? null)
  })
  find("empty").hidden = posts.length > 0
}

function remove(post) {
  post.card?.remove()
  post.card = undefined
  post.shown = false
}

function change() {
  due ??= setTimeout(() => {
    due = undefined
    if (seen && screen.running) render()
  }, BATCH_MS)
}

// The frame. The page around it is told the height of the posts, if its origin is one that may have the frame.

const origins = list.dataset.origins.split(" ")
let around // origin of the page around the frame, once it has asked

function tellHeight() {
  if (around) parent.postMessage({ nagare: "height", height: Math.ceil(document.body.getBoundingClientRect().height) }, around)
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || !origins.includes(origin) || data?.nagare !== "hello") return
  around = origin
  tellHeight()
})
new ResizeObserver(tellHeight).observe(document.body)

new IntersectionObserver(entries => {
  seen = entries.at(-1).isIntersecting
  change()
}).observe(document.body)

// The look

const { border, width, height } = list.dataset
const { style } = document.body
if (border) style.setProperty("--rule", border)
if (width) style.maxInlineSize = `${width}px`
if (height) {
  style.blockSize = `${height}px`
  style.overflow = "auto"
}

tidy(list)
list.replaceChildren()
render()
screen.start({ arrived: change, changed: change, gone: post => (remove(post), change()) })
