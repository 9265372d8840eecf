// The script for pages of other sites. It replaces each link of the class "nagare-timeline" to a page of this
// site by a frame with the posts of that page. The data attributes of a link are the parameters of the frame.

const home = new URL(document.currentScript.src).origin
const NAMES = ["theme", "chrome", "tweet-limit", "lang", "dnt", "aria-polite", "border-color"]
const FIRST_HEIGHT = 600 // in pixels, until the frame has told its own

const camel = name => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())

function address(link) {
  const { pathname, searchParams } = new URL(link.href)
  const url = new URL(`/embed${pathname === "/" ? "" : pathname}`, home)
  if (searchParams.has("q")) url.searchParams.set("q", searchParams.get("q"))
  for (const name of NAMES) {
    const value = link.dataset[camel(name)]
    if (value) url.searchParams.set(name, value.replace(/^#/, ""))
  }
  return url.href
}

function replace(link) {
  const frame = document.createElement("iframe")
  frame.src = address(link)
  frame.title = link.textContent
  frame.loading = "lazy"
  frame.allow = "fullscreen 'none'"
  const { width, height } = link.dataset
  Object.assign(frame.style, { width: width ? `${parseInt(width)}px` : "100%", maxWidth: "100%", height: `${parseInt(height) || FIRST_HEIGHT}px`, border: "0", colorScheme: "normal" })
  frame.addEventListener("load", () => frame.contentWindow.postMessage({ nagare: "hello" }, home))
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== home || data?.nagare !== "height" || height) return
    if (data.height > 0) frame.style.height = `${Math.min(Number(data.height), 20_000)}px`
  })
  link.replaceWith(frame)
}

function start() {
  for (const link of document.querySelectorAll("a.nagare-timeline")) if (new URL(link.href).origin === home) replace(link)
}

if (document.readyState === "loading") addEventListener("DOMContentLoaded", start)
else start()
