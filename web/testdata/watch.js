// This script runs in every tab before the scripts of the page, and records what happens there.
{
  const seen = (globalThis.seen = {
    csp: [], errors: [], dialogs: [], // reports of faults, which must stay empty
    states: [], when: {}, // time at which each state was last entered, in Unix milliseconds
    rows: [], unfolds: false, // whether each folded row is opened when it is inserted
    said: [], shift: 0, longest: 0,
  })

  addEventListener("securitypolicyviolation", e => seen.csp.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))
  addEventListener("error", e => seen.errors.push(`${e.message} ${e.error?.stack}`))
  addEventListener("unhandledrejection", e => seen.errors.push(`${e.reason?.stack ?? e.reason}`))
  for (const name of ["alert", "confirm", "prompt", "print"]) globalThis[name] = words => seen.dialogs.push(`${name} ${words}`)

  const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note)).observe({ type, buffered: true })
  watch("layout-shift", e => (seen.shift += e.hadRecentInput ? 0 : e.value))
  watch("longtask", e => (seen.longest = Math.max(seen.longest, e.duration)))

  const number = text => Number((/^(?:About )?([\d,]+)/.exec(text)?.[1] ?? "0").replaceAll(",", "")) // 0: the text has no number, because it is unknown
  const row = (node, posts = node.matches(".tweet") ? 1 : number(node.textContent)) => ({
    get seq() { return Number(node.dataset.seq ?? 0) },
    get posts() { return node.matches(".run") ? number(node.textContent) : posts }, // the number of posts in a folded row can grow
    gap: node.matches(".gap"),
    at: Date.now(),
  })
  const articles = nodes => [...nodes].filter(node => node.localName === "article")
  const add = node => {
    const added = row(node)
    seen.rows.push(added)
    if (!seen.unfolds || !node.matches(".run")) return
    node.querySelector(".run__open").click()
    document.activeElement.blur()
    const cards = observer.takeRecords().flatMap(({ target, addedNodes }) => target.id === "feed" ? articles(addedNodes) : [])
    added.folded = cards.map(card => Number(card.dataset.seq)).reverse()
  }
  const enter = state => {
    seen.states.push(state)
    seen.when[state] = Date.now()
  }
  const observer = new MutationObserver(changes => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") enter(target.dataset.state)
      else if (target.id === "announce") seen.said.push(target.textContent)
      else if (target.id === "feed") articles(addedNodes).forEach(add)
    }
  })
  observer.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] })
}
