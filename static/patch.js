// Changes an element into a new version of itself.

// Attributes that this page or the reader sets. A new version of the element must not change them.
const KEPT = /^(tabindex|aria-(posinset|setsize)|data-(new|late|seq)|open)$/

// identity returns a text that is equal for two elements if they are versions of the same part. It
// ignores their positions, because the new version can have an additional part before them.
function identity(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return null
  const first = selector => node.querySelector(selector)
  const own = {
    DETAILS: () => first("summary").textContent, // a cover with a new warning is a new part, which is closed
    BLOCKQUOTE: () => first(".quote__by, .quote__missing")?.textContent,
    LI: () => first(".poll__title")?.textContent,
  }[node.nodeName]?.() ?? (node.matches(".media__item") ? first("img").getAttribute("src") : "")
  return [node.nodeName, node.classList[0], node.id, node.getAttribute("href"), node.getAttribute("src"), own].join("\n")
}

// patch changes the element old until it equals fresh. Parts that both versions have keep their elements,
// and with them the reader's focus, selection and opened disclosures.
export function patch(old, fresh) {
  attributes(old, fresh)
  const parts = matched(old, fresh)
  const kept = new Set(parts)
  for (const node of [...old.childNodes]) if (!kept.has(node)) node.remove()
  parts.forEach((part, i) => {
    if (old.childNodes[i] !== part) old.insertBefore(part, old.childNodes[i] ?? null)
  })
}

// matched returns the children of the new version: for each child of fresh the child of old that is the
// same part, patched, or the child of fresh itself if old has no such part.
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
  const image = old.localName === "img" // its class says whether it could be loaded, so it keeps its class
  const kept = name => KEPT.test(name) || (image && name === "class")
  for (const { name } of [...old.attributes]) {
    if (!kept(name) && !fresh.hasAttribute(name)) old.removeAttribute(name)
  }
  for (const { name, value } of fresh.attributes) {
    if (!kept(name) && old.getAttribute(name) !== value) old.setAttribute(name, value)
  }
}
