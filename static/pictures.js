// Pictures that can't be loaded, on a screen.

import { create } from "./dom.js"

// tidy removes pictures that can't be loaded. An avatar is replaced by the author's initial, and an emoji by
// its text. Nobody at the screen could load a picture again, so no tile says that it is missing.
export function tidy(list) {
  list.addEventListener("error", ({ target }) => broken(target), { capture: true })
  for (const image of list.querySelectorAll("img")) if (image.complete && !image.naturalWidth) broken(image)
}

function broken(image) {
  if (image.matches(".media__image")) return without(image.closest(".media__item"))
  if (image.matches(".tweet__emoji")) return image.replaceWith(image.alt)
  if (!image.matches(".tweet__avatar, .quote__avatar")) return image.remove()
  image.replaceWith(create("span", image.className, image.dataset.initial))
}

// without removes a picture of a post. The others share its room.
function without(item) {
  const media = item.parentElement
  item.remove()
  const left = [...media.children].slice(0, 4)
  if (left.length === 0) return media.remove()
  media.className = `media media--${left.length}`
  for (const other of left) other.hidden = false
}
