// How elements are made.

// The only place where html becomes elements. All of it was made by the
// server's templates, which print the words of others as text.
const policy = globalThis.trustedTypes?.createPolicy("card", { createHTML: html => html }) ?? { createHTML: html => html }

export function element(html) {
  const template = document.createElement("template")
  template.innerHTML = policy.createHTML(html)
  return template.content.firstElementChild
}

export function create(name, className, text = "") {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  return made
}
