// Helpers for elements of the page.

export const find = id => document.getElementById(id)

// policy is the only place where the script turns HTML into elements. All HTML comes
// from the server's templates, which escape the text of posts.
const policy = globalThis.trustedTypes?.createPolicy("card", { createHTML: html => html }) ?? { createHTML: html => html }

export function fragment(html) {
  const template = document.createElement("template")
  template.innerHTML = policy.createHTML(html)
  return template.content
}

export const element = html => fragment(html).firstElementChild

export function create(name, className, text = "") {
  const created = document.createElement(name)
  if (className) created.className = className
  created.textContent = text
  return created
}

// assign sets an attribute, or removes it if value is null. It writes only if the value changes.
export function assign(element, name, value) {
  if (element.getAttribute(name) === value) return
  if (value === null) element.removeAttribute(name)
  else element.setAttribute(name, value)
}
