// Creates the parts of the page, and passes them the events of the socket and of the reader.

import { Announcer } from "./announcer.js"
import { Bookmark } from "./bookmark.js"
import { CAUGHT_UP, GAP, SKIP } from "./channel.js"
import { Clock } from "./clock.js"
import { find } from "./dom.js"
import { Feed } from "./feed.js"
import { Filter } from "./filter.js"
import { Found } from "./found.js"
import { Holding } from "./holding.js"
import { Keys } from "./keys.js"
import { keepLongTextsInView } from "./longtext.js"
import { Menu } from "./menu.js"
import { Newer } from "./newer.js"
import { Older } from "./older.js"
import { Pill } from "./pill.js"
import { Scroller } from "./scroller.js"
import { offerLink } from "./share.js"
import { Socket } from "./socket.js"
import { Sources } from "./sources.js"
import { Status } from "./status.js"
import { Timeline } from "./timeline.js"
import { Viewer } from "./viewer.js"
import { Words } from "./words.js"

const list = find("feed")
const past = document.documentElement.dataset.mode === "older"

const words = new Words()
const keys = new Keys()
const announcer = new Announcer(words, () => keys.single)
const clock = new Clock(words)
const status = new Status(words, announcer, clock)
const scroller = new Scroller(list)
const feed = new Feed(words, clock, scroller)
const sources = new Sources(words, clock, scroller)
const holding = new Holding(list)
const pill = new Pill(words)
const timeline = new Timeline({ feed, scroller, holding, status, announcer, pill, past })
const older = new Older(feed, scroller, id => timeline.isDeleted(id))
const filter = new Filter(list.dataset.filter)
const found = new Found(words, list.dataset.offset)

// The reader

function setPaused(paused) {
  timeline.paused = paused
  find("pause").dataset.paused = paused
}

function inCard(selector) {
  const part = feed.focused?.querySelector(selector)
  part?.click()
  return part != null
}

function step(by) {
  scroller.stop()
  feed.step(by)
  return true
}

function leave(id) {
  if (!feed.focused || find(id).hidden) return false
  find(id).focus()
  return true
}

// show shows the newest posts. If focus is true, because the reader uses the keyboard, the first row
// gets the focus. A list that doesn't reach up to them is replaced by the page of the newest.
function show(focus) {
  if (timeline.still) return location.assign(list.dataset.path)
  timeline.show()
  if (focus) feed.articles[0]?.focus()
}

// reached is called when newer posts have been inserted, and the list has all up to an offset. A page of the
// past to which none were left to insert is replaced by the page of the newest, too.
function reached(offset, inserted) {
  timeline.reached(offset)
  scroller.keep(() => (find("newer").hidden = !timeline.still))
  if (past && inserted === 0) show()
}

find("pill").addEventListener("click", ({ detail }) => show(detail === 0))
find("pause").addEventListener("click", () => setPaused(!timeline.paused))
find("refresh").hidden = true // not needed, as the script adds new posts
find("keys").addEventListener("click", () => find("help").showModal())
setPaused(timeline.paused)
for (const part of document.querySelectorAll("#title, #past, #day")) clock.localize(part)
new Menu(change => scroller.keep(change))
new Viewer(list, words)
offerLink(words, announcer)
new Newer(feed, clock, scroller, older, reached)
keepLongTextsInView(list)

keys.bind({
  j: () => step(1),
  k: () => step(-1),
  "Alt+PageDown": () => step(1),
  "Alt+PageUp": () => step(-1),
  "Ctrl+End": () => leave("older"),
  "Ctrl+Home": () => leave("pause"),
  ".": () => show(feed.focused),
  p: () => past || setPaused(!timeline.paused),
  0: () => scroller.jumpToTop(),
  "/": () => filter.focus() ?? true,
  "?": () => find("help").showModal(),
  o: () => inCard(".tweet__original"),
  Enter: ({ target }) => target === feed.focused && inCard(".tweet__original, .run__open"),
  x: () => inCard(".cover__summary"),
  Escape: () => document.querySelector(":popover-open") ?? document.activeElement.blur(), // the browser itself closes a popover
})

// The connection. The attributes data-epoch and data-offset of the list hold the position of the last
// event that the list includes.

await new Bookmark(feed, scroller, older).restore()
const socket = new Socket(list.dataset)

function showSources() {
  status.noneComing = sources.noneComing
  status.render()
}

function showKind() {
  status.link = socket.kind
  status.render()
}

async function gap(event) {
  found.lost()
  timeline.gap(event)
  if (event.reset) return
  await null // the channel sets the position after the gap when this handler has returned
  older.verify(list.dataset, timeline.posts, {
    onFound: card => timeline.refresh(card),
    onGone: id => timeline.destroy({ data: { id } }),
  }).catch(() => {}) // the network is down again
}

function destroy(event) {
  found.other(event)
  if (timeline.destroy(event)) found.deleted()
}

const channel = socket.subscribe(list.dataset.channel, list.dataset, list.dataset.filter)
  .bind("create", event => {
    found.post(event)
    timeline.create(event)
  })
  .bind("update", event => {
    found.other(event)
    timeline.update(event) || older.note(event.data)
  })
  .bind("destroy", destroy)
  .bind("source", event => {
    found.other(event)
    sources.show(event.data)
    showSources()
  })
  .bind(SKIP, event => found.skipped(event))
  .bind(GAP, gap)
  .bind(CAUGHT_UP, ({ delivered }) => {
    showKind()
    status.up(delivered && (delivered.get("create") ?? 0))
  })

socket.addEventListener("kind", showKind)
socket.addEventListener("lost", ({ detail }) => status.lost(socket.tries, detail))
addEventListener("offline", () => socket.drop())
addEventListener("online", () => socket.wake())
addEventListener("pageshow", ({ persisted }) => persisted && socket.wake())
document.addEventListener("visibilitychange", () => document.hidden || socket.wake())
find("now").addEventListener("click", () => socket.wake())
showSources()

// For the script of the pinned posts
export { channel, feed, holding, list, scroller, timeline, words }
