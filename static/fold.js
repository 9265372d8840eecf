// Long texts, which the style sheet cuts and a disclosure opens.

// keepFoldsInView brings back a post that has closed above the window.
export function keepFoldsInView(list) {
  list.addEventListener("toggle", ({ target }) => {
    if (target.matches(".fold") && !target.open) target.closest("article").scrollIntoView({ block: "nearest" })
  }, { capture: true })
}
