// Runs in every tab before the page does, and remembers what happens there.
{
  const seen = (globalThis.seen = { csp: [], errors: [], dialogs: [], states: [], rows: [], said: [], shift: 0, longest: 0 })

  addEventListener("securitypolicyviolation", e => seen.csp.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))
  addEventListener("error", e => seen.errors.push(`${e.message} ${e.error?.stack}`))
  addEventListener("unhandledrejection", e => seen.errors.push(`${e.reason?.stack ?? e.reason}`))
  for (const name of ["alert", "confirm", "prompt", "print"]) globalThis[name] = words => seen.dialogs.push(`${name} ${words}`)

  const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note)).observe({ type, buffered: true })
  watch("layout-shift", e => (seen.shift += e.hadRecentInput ? 0 : e.value))
  watch("longtask", e => (seen.longest = Math.max(seen.longest, e.duration)))

  const number = text => Number((/[\d,]+/.exec(text)?.[0] ?? "0").replaceAll(",", "")) // 0: nobody knows how many
  const row = node => ({
    seq: Number(node.dataset.seq ?? 0),
    posts: node.matches(".tweet") ? 1 : number(node.textContent),
    gap: node.matches(".gap"),
  })
  new MutationObserver(changes => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") seen.states.push(target.dataset.state)
      else if (target.id === "announce") seen.said.push(target.textContent)
      else if (target.id === "feed") seen.rows.push(...[...addedNodes].filter(n => n.localName === "article").map(row))
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] })
}
