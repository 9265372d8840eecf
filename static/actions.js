// What moderators do.

import { find } from "./dom.js"

const FORMS = ".item > form, .panic, #told-undo" // the forms that are sent without leaving the page
const TOLD_MS = 8_000 // how long the effect of an action is shown

// Actions sends actions to the server and shows their effects. It dispatches "done" with { do, id } after
// each that was carried out.
export class Actions extends EventTarget {
  #words
  #desk = find("desk").dataset
  #sent = 0
  #entries = [] // of the audit that can be undone, the newest last
  #busy = new Set() // ids of posts of which an action is under way
  #last // the newest action, as a promise
  #timer

  constructor(words) {
    super()
    this.#words = words
    const shown = find("told-undo").elements.value.value
    if (shown) this.#entries.push(shown)
    document.addEventListener("submit", event => this.#submit(event))
  }

  // isOwn reports whether this page is carrying out an action on a post, or has just done so.
  isOwn(id) {
    return this.#busy.has(id)
  }

  // send carries out an action, and returns whether it has succeeded.
  send(name, fields) {
    return this.#last = this.#send(name, fields)
  }

  // undo undoes the last action, even if its answer is still to come.
  async undo() {
    await this.#last
    const value = this.#entries.pop()
    if (value) this.send("undo", { value })
  }

  // post sends a form and returns the answer. Without one, its error is "offline".
  async post(name, fields) {
    const body = new URLSearchParams({ ...fields, form: this.#desk.form, once: `${this.#desk.once}-${++this.#sent}` })
    try {
      const answer = await fetch(`${this.#desk.root}/${name}`, { method: "POST", headers: { Accept: "application/json" }, body })
      return await answer.json()
    } catch {
      return { error: "offline" }
    }
  }

  // Internal

  async #send(name, fields) {
    if (fields.id) this.#busy.add(fields.id)
    const answer = await this.post(name, fields)
    setTimeout(() => this.#busy.delete(fields.id), TOLD_MS)
    if (answer.error) {
      this.#busy.delete(fields.id)
      this.#tellWrong(answer)
      return false
    }
    if (answer.undoable) this.#entries.push(answer.entry)
    this.#tell(this.#words.say(`did-${name}`), answer.undoable ? answer.entry : "")
    this.dispatchEvent(new CustomEvent("done", { detail: { do: name, id: fields.id } }))
    return true
  }

  #submit(event) {
    const { target: form, submitter } = event
    if (!form.matches(FORMS)) return
    event.preventDefault()
    const name = (submitter?.getAttribute("formaction") ?? form.getAttribute("action")).split("/").at(-1)
    const { id, value } = form.elements
    if (name === "undo") this.#entries = this.#entries.filter(entry => entry !== value.value)
    this.send(name, id ? { id: id.value } : value ? { value: value.value } : {})
  }

  #tellWrong({ error, reason }) {
    if (error === "session") return location.assign(this.#desk.root)
    this.#tell(this.#words.say(`act-${error}`) || this.#words.say("act-wrong", { q: reason ?? error }), "", error)
  }

  #tell(text, entry, wrong = "") {
    clearTimeout(this.#timer)
    find("told").hidden = false
    find("told").dataset.wrong = wrong
    find("told-words").textContent = text
    find("told-undo").hidden = !entry
    find("told-undo").elements.value.value = entry
    this.#timer = setTimeout(() => this.#hide(), TOLD_MS)
  }

  // #hide hides the effect, unless its button has the focus.
  #hide() {
    if (find("told").contains(document.activeElement)) this.#timer = setTimeout(() => this.#hide(), TOLD_MS)
    else find("told").hidden = true
  }
}
