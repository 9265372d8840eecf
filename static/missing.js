// Images that can't be loaded, and the tile in place of a picture.

import { create } from "./dom.js"

// markMissing covers a picture with a tile of the same size. The tile has an icon, says that the picture
// can't be loaded, and shows its description.
export function markMissing(image, words) {
  if (image.matches(".media__image--missing")) return
  image.classList.add("media__image--missing")
  const tile = create("span", "media__missing")
  tile.append(icon(), create("span", "media__missing-words", words.say("picture-missing")))
  if (image.alt) tile.append(create("span", "media__missing-alt", image.alt))
  image.after(tile)
}

function icon() {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  drawing.append(document.createElementNS(drawing.namespaceURI, "use"))
  drawing.firstChild.setAttribute("href", "#icon-missing")
  drawing.classList.add("icon")
  drawing.ariaHidden = "true"
  return drawing
}

// replaceBroken handles an image that can't be loaded. An avatar is replaced by the author's initial, and
// an emoji by its text; the image of a link preview is removed. A picture of a post keeps its size, and
// its description is shown there.
export function replaceBroken(image, words) {
  if (image.matches(".media__image")) return markMissing(image, words)
  if (image.matches(".preview__image")) return image.remove()
  if (image.matches(".tweet__emoji")) return image.replaceWith(image.alt)
  if (!image.matches(".tweet__avatar, .quote__avatar")) return
  image.replaceWith(create("span", image.className, image.dataset.initial))
}
