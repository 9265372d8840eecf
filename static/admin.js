// The pages of the moderators. All forms work without this script; it makes the lists live, and carries out
// actions without leaving the page.

import { Actions } from "./actions.js"
import { CAUGHT_UP, GAP } from "./channel.js"
import { Claims } from "./claims.js"
import { Clock } from "./clock.js"
import { Desk } from "./desk.js"
import { element, find, fragment } from "./dom.js"
import { SUBSCRIBE_PRIVATE } from "./events.js"
import { Keys } from "./keys.js"
import { replaceBroken } from "./missing.js"
import { SelectedPost } from "./selected.js"
import { Socket } from "./socket.js"
import { Words } from "./words.js"

const REFRESH_MS = 10_000 // between two refreshes of the page of the sources

const root = document.documentElement
const words = new Words()
const clock = new Clock(words)
const keys = new Keys()
const actions = new Actions(words)

clock.localize(document)
document.addEventListener("error", ({ target }) => target.matches?.("img") && replaceBroken(target, words), { capture: true })
find("keys").addEventListener("click", () => find("help").showModal())

// toggle freezes or blanks all screens, or resumes.
const toggle = state => actions.send(root.dataset.screen === state ? "resume" : state, {})
const general = {
  u: () => actions.undo(),
  f: () => toggle("freeze"),
  x: () => toggle("blank"),
  "?": () => find("help").showModal(),
}
keys.bind(general)
actions.addEventListener("done", ({ detail: { do: name } }) => {
  if (["freeze", "blank", "resume"].includes(name)) setScreen(name === "resume" ? "" : name)
  if (root.dataset.page === "screens") refresh()
})

// The second press of a double click doesn't undo the first one.
find("panic").addEventListener("click", event => event.detail > 1 && event.preventDefault())

if (find("lists")) startDesk()
if (root.dataset.page === "sources") setInterval(refresh, REFRESH_MS)
find("preview")?.focus()

// startDesk makes the three lists live.
function startDesk() {
  const { dataset } = find("lists")
  const claims = new Claims(words, clock, actions)
  const desk = new Desk(words, clock, actions, claims)
  new SelectedPost()
  const act = name => () => desk.press(name)
  const move = by => () => desk.step(by)
  keys.bind({
    ...general,
    a: act("approve"), h: act("hide"), b: act("block"), n: act("pin"),
    j: move(1), k: move(-1), ArrowDown: move(1), ArrowUp: move(-1),
    ArrowLeft: () => desk.turn(-1), ArrowRight: () => desk.turn(1),
  })

  const socket = new Socket(find("desk").dataset)
  const reload = () => location.reload()
  socket.subscribe(dataset.channel, { epoch: dataset.epoch, offset: dataset.offset })
    .bind("create", ({ data }) => desk.put("shown", data, true))
    .bind("update", ({ data }) => desk.update("shown", data))
    .bind("destroy", ({ data }) => desk.remove(data.id, ["shown"]))
    .bind("screen", ({ data }) => showScreen(data, desk))
    .bind("source", ({ data }) => showSource(data))
    .bind(GAP, reload)
    .bind(CAUGHT_UP, () => say("live"))
  socket.subscribe(dataset.desk, { epoch: dataset.deskEpoch, offset: dataset.deskOffset }, "", SUBSCRIBE_PRIVATE)
    .bind("create", ({ data }) => desk.put(data.held, data, true))
    .bind("update", ({ data }) => desk.put(data.held, data, false))
    .bind("destroy", ({ data }) => desk.remove(data.id, ["waiting", "hidden"]))
    .bind("claim", ({ data }) => claims.hear(data))
    .bind("settings", ({ data }) => showScreen({ state: data.settings.screen ?? "", pins: data.settings.pins ?? [] }, desk))
    .bind(GAP, reload)
  socket.addEventListener("lost", () => {
    say("reconnecting", { n: socket.tries })
    checkSession()
  })
  addEventListener("offline", () => socket.drop())
  addEventListener("online", () => socket.wake())
  addEventListener("pageshow", ({ persisted }) => persisted && reload())
  document.addEventListener("visibilitychange", () => document.hidden || socket.wake())
}

function showScreen({ state, pins }, desk) {
  setScreen(state)
  desk.showPins(pins)
}

// setScreen says what the screens show at present. The button of that state then resumes.
function setScreen(state) {
  root.dataset.screen = state
  for (const button of find("panic").querySelectorAll("button")) {
    const on = button.dataset.state === state
    button.toggleAttribute("data-on", on)
    button.formAction = `${find("desk").dataset.root}/${on ? "resume" : button.dataset.state}`
  }
}

// showSource replaces the line of a source. The style sheet shows the sources with a fault.
function showSource({ source, html }) {
  const line = element(html)
  words.translate(line)
  clock.localize(line)
  const old = [...find("down").children].find(({ dataset }) => dataset.source === source)
  old ? old.replaceWith(line) : find("down").append(line)
}

function say(state, values) {
  root.dataset.state = state
  find("status").textContent = words.say(state, values)
}

// checkSession leads to the login if the session has ended, which also ends the connection.
async function checkSession() {
  const { root: address } = find("desk").dataset
  const answer = await fetch(`${address}/log`, { method: "HEAD", redirect: "manual" }).catch(() => null)
  if (answer?.type === "opaqueredirect") location.assign(address)
}

// refresh replaces the content of the page by the newest, or only the parts of it that change if it has a form.
async function refresh() {
  if (document.hidden) return
  const answer = await fetch(location.pathname, { redirect: "manual" }).catch(() => null)
  if (!answer?.ok) return
  const fresh = fragment(await answer.text()).getElementById("content")
  clock.localize(fresh)
  const parts = fresh.querySelectorAll("[data-live]")
  if (parts.length === 0) return find("content").replaceChildren(...fresh.childNodes)
  const focused = find("content").contains(document.activeElement) && document.activeElement.closest("[data-live]")?.id
  for (const part of parts) find(part.id).replaceWith(part)
  if (focused) find(`${focused}-title`).focus()
}
