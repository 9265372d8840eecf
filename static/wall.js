// The script of a wall: posts on a large unattended screen.

import { find } from "./dom.js"
import { tidy } from "./pictures.js"
import { Columns } from "./columns.js"
import { drift, fullScreen, hidePointer, stayAwake } from "./kiosk.js"
import { Screen } from "./screen.js"
import { Spotlight } from "./spotlight.js"
import { Turns } from "./turns.js"

const list = find("feed")
const screen = new Screen()
const turns = new Turns(screen, "again" in list.dataset)
const layout = "spotlight" in document.documentElement.dataset ? new Spotlight(screen, list) : new Columns(screen, list)

tidy(list)
layout.fill(screen.posts.toReversed())
for (const post of screen.posts) if (post.shown) turns.note(post)

screen.start({
  arrived: post => turns.add(post),
  gone(post) {
    turns.remove(post)
    layout.remove(post)
  },
  changed: () => layout.arrange(),
})

setInterval(() => {
  if (!screen.running) return
  const post = turns.next()
  if (post) layout.show(post)
  else layout.rest?.()
}, Number(list.dataset.every))

addEventListener("resize", () => layout.arrange())
document.fonts.ready.then(() => layout.arrange())
stayAwake()
drift()
hidePointer()
fullScreen("f")
