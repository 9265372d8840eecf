// Loads the page again when the server has a new version.

import * as limits from "./screenlimits.js"

// Renewal asks for the version of the server. The page is loaded again only if its address answers, so
// that no screen shows an error page.
export class Renewal {
  #version
  #address

  constructor({ version, renewal }) {
    this.#version = version
    this.#address = renewal
    setInterval(() => this.#look(), limits.renewalMs)
  }

  async reload() {
    const page = await get(location.href)
    if (page) location.reload()
  }

  async #look() {
    const answer = await get(this.#address)
    const { version } = (await answer?.json().catch(() => null)) ?? {}
    if (!version || version === this.#version) return
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
