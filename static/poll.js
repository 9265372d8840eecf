// Follows a channel by requests: where a proxy or a limit blocks WebSockets and event streams, or through an
// HTTP cache.

import { SKIP } from "./channel.js"
import { filterQuery, Link, SUBSCRIBE } from "./events.js"
import * as limits from "./limits.js"

const pause = ms => new Promise(done => setTimeout(done, ms))

// Polls is a Link that receives events by long polls: requests that the server answers with the next events, or
// after a while with none. path is the path of one channel's polls. After each poll, Polls passes on a frame "poll" { limited }, which says whether the
// reader's address has too many connections.
//
// A subclass has a method poll(position, id, { last, filter }, signal), which makes one request, passes on
// its events, and returns how long to wait until the next one. In the first poll, which must be answered
// within a second, id is that of the subscription; later it is null.
class Polls extends Link {
  #path
  #polls = new Map() // channel → AbortController

  constructor(path) {
    super()
    this.#path = path
  }

  close() {
    for (const poll of this.#polls.values()) poll.abort()
  }

  async follow(id, { channel, epoch, since, ...wanted }) {
    this.#polls.get(channel)?.abort()
    const { signal } = this.#polls.set(channel, new AbortController()).get(channel)
    const position = { channel, epoch, offset: since }
    try {
      for (; !signal.aborted; id = null) await pause(await this.poll(position, id, wanted, signal))
    } catch {
      if (signal.aborted) return
      this.close()
      this.onclose?.({})
    }
  }

  // Methods for the subclasses

  // get requests the path of a channel's polls with a query. The response can have the status gone, if that is not 0.
  async get({ channel }, query, signal, gone = 0) {
    const response = await fetch(`${this.#path.replace("{channel}", channel)}?${query}`, { signal })
    if (!response.ok && response.status !== gone) throw new Error(response.status)
    return response
  }

  // pass passes on the reply to a subscription and events, and updates the position.
  pass(position, id, limited, reply, events) {
    this.#deliver("poll", { data: { limited } })
    this.#subscribed(reply, position, id)
    for (const { event, ...attributes } of events) {
      this.#deliver(event, attributes)
      if (attributes.offset) Object.assign(position, { epoch: attributes.epoch, offset: attributes.offset })
    }
  }

  // #subscribed handles the reply at the start of each poll. In the first poll, the reply is passed on as
  // the answer to the subscription. In later polls, only a gap or a reset since the previous poll is passed
  // on.
  #subscribed(data, position, id) {
    const { channel, epoch, offset, recovered } = data
    if (id != null) this.#deliver(SUBSCRIBE, { id, success: true, data })
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

// PollLink polls the channel's lines of JSON.
export class PollLink extends Polls {
  async poll(position, id, { last, filter }, signal) {
    const { epoch, offset } = position
    const since = epoch ? `&since=${epoch}:${offset}` : ""
    const wait = id == null ? limits.pollS : 1
    const response = await this.get(position, `last=${last}&wait=${wait}${since}${filterQuery(filter)}`, signal)
    const lines = await response.text()
    if (signal.aborted) return
    const [reply, ...events] = lines.split("\n").filter(line => line).map(line => JSON.parse(line))
    this.pass(position, id, response.headers.get("Nagare-Limited") === "address", reply.data, events)
    return limits.pollMs
  }
}

// LogLink polls the channel's log, whose responses any HTTP cache can share between readers: see package
// durable. Parameters are in the order of their names, so that all readers have the same addresses.
export class LogLink extends Polls {
  async poll(position, id, { last, filter }, signal) {
    const { channel } = position
    const query = filterQuery(filter)
    const offset = ({ epoch, offset }) => `offset=${epoch}_${String(offset).padStart(16, 0)}${query}`
    const events = []
    let recovered = true
    let start = position
    let next = position
    let live = id == null ? `${position.cursor ?? ""}live=long-poll&` : ""
    for (let behind = true; behind; live = "") {
      const response = await this.get(position, live + offset(next), signal, 410)
      if (response.status === 410) { // the log no longer has the events after the position: begin with the newest
        const tip = at(await this.get(position, "offset=now", signal))
        start = next = { ...tip, offset: recovered ? Math.max(0, tip.offset - last) : tip.offset }
        recovered = false
        events.length = 0
        continue
      }
      if (response.status === 200) events.push(...await response.json())
      next = at(response)
      position.cursor = `cursor=${response.headers.get("Stream-Cursor")}&`
      behind = !response.headers.has("Stream-Up-To-Date")
    }
    if (signal.aborted) return
    if (filter) events.push({ event: SKIP, channel, data: {}, ...next })
    this.pass(position, id, false, { channel, epoch: start.epoch, offset: start.offset, head: next.offset, recovered }, events)
    return limits.batchMs
  }
}

// at returns the position at which a response ends.
function at(response) {
  const [epoch, offset] = response.headers.get("Stream-Next-Offset").split("_")
  return { epoch, offset: Number(offset) }
}
