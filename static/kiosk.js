// What an unattended screen needs.

import * as limits from "./screenlimits.js"

const root = document.documentElement

// stayAwake keeps the display on while the page is visible, if the browser can.
export function stayAwake() {
  const request = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {}) // the battery is low
  document.addEventListener("visibilitychange", request)
  request()
}

// The path of the picture, in pixels. No point of the display has the same colour for long.
const PATH = [[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1]]

// drift moves the picture by one pixel a minute, so that it doesn't burn in.
export function drift() {
  let step = 0
  setInterval(() => {
    const [x, y] = PATH[++step % PATH.length]
    document.body.style.translate = `${x}px ${y}px`
  }, limits.driftMs)
}

// hidePointer hides the pointer while nobody moves it.
export function hidePointer() {
  let timer
  const hide = () => (root.dataset.idle = "")
  addEventListener("pointermove", () => {
    delete root.dataset.idle
    clearTimeout(timer)
    timer = setTimeout(hide, limits.idleMs)
  })
  timer = setTimeout(hide, limits.idleMs)
}

// fullScreen makes a key fill the display with the page, and end that.
export function fullScreen(key) {
  addEventListener("keydown", event => {
    if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.fullscreenElement) document.exitFullscreen()
    else root.requestFullscreen().catch(() => {}) // the browser doesn't allow it here
  })
}
