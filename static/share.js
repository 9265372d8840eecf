// The link to the page of a post.

import { find } from "./dom.js"
import * as limits from "./limits.js"

// offerLink shows the button on the page of a post that copies the link to that page. On a device with a
// touch screen, the button opens the device's own choice of what to do with the link instead.
export function offerLink(words, announcer) {
  const button = find("share")
  if (!button) return
  const url = new URL(button.dataset.path, location.href).href
  const touch = "share" in navigator && matchMedia("(pointer: coarse)").matches
  const name = words.say(touch ? "share" : "copy-link")
  button.textContent = name
  button.hidden = !touch && !navigator.clipboard // browsers offer both only over HTTPS
  button.addEventListener("click", async () => {
    if (touch) return navigator.share({ url }).catch(() => {}) // the reader has chosen nothing
    const outcome = await navigator.clipboard.writeText(url).then(() => "copied", () => "not-copied")
    button.textContent = words.say(outcome)
    announcer.say(words.say(outcome))
    setTimeout(() => (button.textContent = name), limits.newsMs)
  })
}
