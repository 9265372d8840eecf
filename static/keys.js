// The keyboard.

import { Memory } from "./memory.js"

// Keys calls the function bound to a key: "j", "Enter", "Alt+PageDown". It ignores keys
// in text fields, in dialogs and during input method composition. Keys that are a single
// character can be switched off.
export class Keys {
  #bound
  #single = document.getElementById("single")

  constructor(bound) {
    this.#bound = new Map(Object.entries(bound))
    this.#single.checked = Memory.read("localStorage", "single-keys") !== "off"
    this.#single.addEventListener("change", () => this.#remember())
    addEventListener("keydown", event => this.#press(event))
  }

  #press(event) {
    if (event.isComposing || event.keyCode === 229 || event.metaKey || this.#elsewhere(event.target)) return
    if (event.key.length === 1 && !this.#single.checked) return
    const name = (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + event.key
    if (this.#bound.get(name)?.(event) === true) event.preventDefault()
  }

  #remember() {
    Memory.write("localStorage", "single-keys", this.#single.checked ? "on" : "off")
  }

  #elsewhere(target) {
    return target.closest?.("input, textarea, select, [contenteditable], dialog") != null
  }
}
