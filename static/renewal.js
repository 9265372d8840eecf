// Loads the page again when the server has a new version, or another look.

import * as limits from "./screenlimits.js"

// Renewal asks for the revision of the pages. The page is loaded again only if its address answers, so
// that no screen shows an error page.
export class Renewal {
  #revision
  #address

  constructor({ revision, renewal }) {
    this.#revision = revision
    this.#address = renewal
    setInterval(() => this.#look(), limits.renewalMs)
  }

  async reload() {
    const page = await get(location.href)
    if (page) location.reload()
  }

  async #look() {
    const answer = await get(this.#address)
    const { revision } = (await answer?.json().catch(() => null)) ?? {}
    if (!revision || revision === this.#revision) return
    await this.reload()
  }
}

async function get(address) {
  try {
    const response = await fetch(address, { cache: "no-store" })
    return response.ok ? response : null
  } catch {
    return null // the network is down
  }
}
