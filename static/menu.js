// The choices of theme and density in the menu, which take effect without a reload.

const shown = document.documentElement.dataset // the theme and the density

export class Menu {
  #keep

  // keep is a function that runs a change of the layout without moving what is being read.
  constructor(keep) {
    this.#keep = keep
    for (const group of document.querySelectorAll("[data-choice]")) {
      group.addEventListener("click", event => this.#choose(event, group))
    }
  }

  #choose(event, group) {
    const link = event.target.closest("a")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    for (const other of group.querySelectorAll("a")) other.ariaCurrent = other === link ? "true" : null
    this.#keep(() => (shown[group.dataset.choice] = link.dataset.value))
    colourFrame()
    fetch(link.href, { redirect: "manual" }).catch(() => {}) // sets the cookie; offline, the choice lasts as long as the page
  }
}

// colourFrame gives the browser's frame the colour of the chosen theme. schemeMedia in package
// templates has the same rule.
function colourFrame() {
  const { theme } = shown
  for (const meta of document.querySelectorAll("meta[data-scheme]")) {
    const { scheme } = meta.dataset
    meta.media = theme === "auto" ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? "all" : "not all"
  }
}
