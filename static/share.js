// The link to the page of a post.

import { create, find } from "./dom.js"
import * as limits from "./limits.js"

// offerLink shows the button on the page of a post that copies the link to that page. On a device with a
// touch screen, the button opens the device's own choice of what to do with the link instead. Where the
// browser can't copy, such as over plain HTTP, the address takes the place of the button.
export function offerLink(words, announcer) {
  const button = find("share")
  if (!button) return
  const url = new URL(button.dataset.path, location.href).href
  const touch = "share" in navigator && matchMedia("(pointer: coarse)").matches
  const name = words.say(touch ? "share" : "copy-link")
  button.textContent = name
  button.hidden = false
  button.addEventListener("click", async () => {
    if (touch) return navigator.share({ url }).catch(() => {}) // the reader has chosen nothing
    const copied = await navigator.clipboard?.writeText(url).then(() => true, () => false)
    const outcome = words.say(copied ? "copied" : "not-copied")
    announcer.say(outcome)
    if (!copied) return showAddress(button, url)
    button.textContent = outcome
    setTimeout(() => (button.textContent = name), limits.newsMs)
  })
}

// showAddress replaces a button by an address, which is selected.
function showAddress(button, url) {
  const box = create("input", "filter__box")
  box.value = url
  box.readOnly = true
  box.ariaLabel = button.textContent
  button.replaceWith(box)
  box.focus()
  box.select()
}
