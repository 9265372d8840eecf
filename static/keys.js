// The keyboard.

import { find } from "./dom.js"
import { Memory } from "./memory.js"

const REPEATED = ["j", "k", "Alt+PageDown", "Alt+PageUp"] // keys that act again while held down

// byCode returns the character that the pressed key has on the US layout: a letter, "0", ".", "/" or "?".
function byCode({ code, shiftKey }) {
  if (code === "Slash") return shiftKey ? "?" : "/"
  return /^(?:Key([A-Z])|Digit(0))$/.exec(code)?.slice(1).join("").toLowerCase() ?? { Period: "." }[code]
}

// Keys calls the function bound to the name of a key, such as "j", "Enter" or "Alt+PageDown". It ignores
// keys in text fields, in dialogs and during input method composition. The reader can switch off keys
// that are a single character.
export class Keys {
  #bound = new Map()
  #single = find("single")

  constructor() {
    this.#single.checked = Memory.read("localStorage", "single-keys") !== "off"
    this.#single.addEventListener("change", () => this.#remember())
    addEventListener("keydown", event => this.#press(event))
  }

  bind(bound) {
    this.#bound = new Map(Object.entries(bound))
  }

  // single reports whether keys that are a single character are switched on and the device probably has
  // a keyboard. Browsers don't tell, so a pointer that can hover is taken as the sign of a keyboard.
  get single() {
    return this.#single.checked && matchMedia("(hover: hover)").matches
  }

  #press(event) {
    if (event.isComposing || event.keyCode === 229 || event.metaKey || this.#elsewhere(event.target)) return
    const key = this.#name(event)
    if (key.length === 1 && !this.#single.checked) return
    const name = (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + key
    if (event.repeat && !REPEATED.includes(name)) return
    if (this.#bound.get(name)?.(event) === true) event.preventDefault()
  }

  // #name returns the browser's name of the pressed key. With Caps Lock, or on a layout without Latin
  // letters, it returns the character that the key has on the US layout.
  #name(event) {
    const { key, shiftKey } = event
    const foreign = key.length === 1 && (key > "~" || (/[A-Z]/.test(key) && !shiftKey))
    return (foreign && byCode(event)) || key
  }

  #remember() {
    Memory.write("localStorage", "single-keys", this.#single.checked ? "on" : "off")
  }

  #elsewhere(target) {
    return target.closest?.("input, textarea, select, [contenteditable], dialog") != null
  }
}
