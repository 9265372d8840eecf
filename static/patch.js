// Changing an element into another version of itself.

const KEPT = /^(tabindex|aria-(posinset|setsize)|data-(new|late|seq)|open)$/ // attributes of the reader's, not of the version's

// identity is what makes two elements versions of the same part. It is never their place
// among others: a part may have come before them.
function identity(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return null
  const first = selector => node.querySelector(selector)
  const own = {
    DETAILS: () => first("summary").textContent, // another warning is another cover, which is closed
    BLOCKQUOTE: () => first(".quote__by, .quote__missing")?.textContent,
    LI: () => first(".poll__title")?.textContent,
  }[node.nodeName]?.() ?? (node.matches(".media__item") ? first("img").getAttribute("src") : "")
  return [node.nodeName, node.classList[0], node.id, node.getAttribute("href"), node.getAttribute("src"), own].join("\n")
}

// patch changes old into a version that equals fresh. The parts that are the same stay the
// same elements, with what the reader did to them: focus, selection, what they have opened.
export function patch(old, fresh) {
  attributes(old, fresh)
  const parts = matched(old, fresh)
  const kept = new Set(parts)
  for (const node of [...old.childNodes]) if (!kept.has(node)) node.remove()
  parts.forEach((part, i) => {
    if (old.childNodes[i] !== part) old.insertBefore(part, old.childNodes[i] ?? null)
  })
}

// matched returns the children that the new version has: old ones, patched, where there are.
function matched(old, fresh) {
  const left = new Set(old.childNodes)
  const take = test => {
    const node = [...left].find(test)
    left.delete(node)
    return node
  }
  const wanted = [...fresh.childNodes]
  const parts = wanted.map(node => take(candidate => candidate.isEqualNode(node)))
  return wanted.map((node, i) => {
    if (parts[i]) return parts[i]
    const name = identity(node)
    const part = name && take(candidate => identity(candidate) === name)
    if (part) patch(part, node)
    return part || node
  })
}

function attributes(old, fresh) {
  const image = old.localName === "img" // its class says whether it was loaded
  for (const { name } of [...old.attributes]) {
    if (!KEPT.test(name) && !(image && name === "class") && !fresh.hasAttribute(name)) old.removeAttribute(name)
  }
  for (const { name, value } of fresh.attributes) {
    if (!KEPT.test(name) && !(image && name === "class") && old.getAttribute(name) !== value) old.setAttribute(name, value)
  }
}
