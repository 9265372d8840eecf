// fit gives an element the first of the sizes with which it isn't taller than room, or the last one.
export function fit(element, room, sizes) {
  for (const size of sizes) {
    element.style.zoom = size
    if (element.getBoundingClientRect().height <= room) return
  }
}
