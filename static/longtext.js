// Long texts. The style sheet cuts them, and a disclosure shows them whole.

// keepLongTextsInView scrolls a post back into view if the reader closes its long text and the shorter post
// is above the window.
export function keepLongTextsInView(list) {
  list.addEventListener("toggle", ({ target }) => {
    if (target.matches(".fold") && !target.open) target.closest("article").scrollIntoView({ block: "nearest" })
  }, { capture: true })
}
