// Kept is a set of the newest values that were added.
export class Kept {
  #values = new Set()
  #most

  constructor(most) {
    this.#most = most
  }

  has(value) {
    return this.#values.has(value)
  }

  add(value) {
    this.#values.delete(value)
    this.#values.add(value)
    if (this.#values.size > this.#most) this.#values.delete(this.#values.values().next().value)
  }
}
