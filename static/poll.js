// Replaces a WebSocket by long polls where a proxy or a limit blocks event streams, too.

import { filterQuery } from "./events.js"
import * as limits from "./limits.js"

const pause = ms => new Promise(done => setTimeout(done, ms))

// PollLink has the interface of a WebSocket and passes on the same frames, but receives events by long
// polls: requests that the server answers with the next events, or after a while with none. path is the
// path of one channel's polls. After each poll, PollLink passes on a frame "poll" { limited }, which says
// whether the reader's address has too many connections.
export class PollLink {
  onmessage
  onclose
  readyState = WebSocket.OPEN

  #path
  #polls = new Map() // channel → AbortController

  constructor(path) {
    this.#path = path
  }

  // send takes a frame for the server. It performs a subscription, and ignores all other frames, which
  // have no equivalent in polls.
  send(frame) {
    const [name, { id, data }] = JSON.parse(frame)
    if (name === "websocket_rails.subscribe") this.#follow(id, data)
  }

  close() {
    for (const poll of this.#polls.values()) poll.abort()
  }

  async #follow(id, { channel, epoch, since, last, filter }) {
    this.#polls.get(channel)?.abort()
    const poll = new AbortController()
    this.#polls.set(channel, poll)
    const position = { channel, epoch, offset: since }
    try {
      for (let wait = 1; !poll.signal.aborted; wait = limits.pollS) { // the first poll is answered within 1 s
        await this.#poll(position, id, `last=${last}&wait=${wait}${filterQuery(filter)}`, poll.signal)
        id = null
        await pause(limits.pollMs)
      }
    } catch {
      if (poll.signal.aborted) return
      this.close()
      this.onclose?.({})
    }
  }

  async #poll(position, id, query, signal) {
    const { epoch, offset } = position
    const since = epoch ? `&since=${epoch}:${offset}` : ""
    const response = await fetch(`${this.#path}?${query}${since}`, { signal })
    if (!response.ok) throw new Error(response.status)
    const lines = await response.text()
    if (signal.aborted) return
    this.#deliver("poll", { data: { limited: response.headers.get("Nagare-Limited") === "address" } })
    for (const line of lines.split("\n").filter(line => line)) this.#line(JSON.parse(line), position, id)
  }

  #line({ event, ...attributes }, position, id) {
    if (event === "stream.subscribed") this.#subscribed(attributes.data, position, id)
    else this.#deliver(event, attributes)
    if (attributes.offset) Object.assign(position, { epoch: attributes.epoch, offset: attributes.offset })
  }

  // #subscribed handles the reply at the start of each poll. In the first poll, id is that of the
  // subscription, and the reply is passed on as its answer. In later polls id is null, and only a gap
  // or a reset since the previous poll is passed on.
  #subscribed(data, position, id) {
    const { channel, epoch, offset, recovered } = data
    if (id != null) this.#deliver("websocket_rails.subscribe", { id, success: true, data })
    else if (recovered === false) {
      const name = epoch === position.epoch ? "stream.gap" : "stream.reset"
      this.#deliver(name, { channel, epoch, offset, data: { from: position.offset + 1, to: offset } })
    }
    if (!recovered) Object.assign(position, { epoch, offset })
  }

  #deliver(name, attributes) {
    this.onmessage?.({ data: JSON.stringify([[name, attributes]]) })
  }
}
