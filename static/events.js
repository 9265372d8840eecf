// Replaces a WebSocket by an event stream where a proxy blocks WebSockets.

import { SKIP } from "./channel.js"

export const RESTART = 1012 // close code (RFC 6455 registry): the server restarts

// The events by which a client subscribes.
export const SUBSCRIBE = "websocket_rails.subscribe"
export const SUBSCRIBE_PRIVATE = "websocket_rails.subscribe_private"

const NOTICES = ["stream.gap", "stream.reset", SKIP] // received even if no handler is bound to them

// filterQuery returns the part of a query that asks for the posts that match a filter.
export const filterQuery = filter => filter ? `&q=${encodeURIComponent(filter)}` : ""

// Link has the interface of a WebSocket and passes on the same frames, but receives the events of each channel by
// HTTP. A subclass has the methods follow(id, request), which begins with a subscription, and close.
export class Link {
  onmessage
  onclose
  readyState = WebSocket.OPEN

  // send takes a frame for the server. It performs a subscription, and ignores all other frames, which
  // have no equivalent over HTTP.
  send(frame) {
    const [name, { id, data }] = JSON.parse(frame)
    if (name.startsWith(SUBSCRIBE)) this.follow(id, data) // also to a private channel
  }
}

// EventLink receives events as Server-Sent Events. path is the path of one channel's event stream.
export class EventLink extends Link {
  #path
  #names
  #streams = new Map() // channel → EventSource
  #code // close code; undefined unless the server announced a restart

  // names returns the names of the events for which a channel has handlers: an EventSource needs a
  // listener for each name.
  constructor(path, names) {
    super()
    this.#path = path
    this.#names = names
  }

  close() {
    for (const stream of this.#streams.values()) stream.close()
  }

  // follow opens a stream and closes the previous one of the same channel. An error ends the link, as
  // it ends a WebSocket: the Socket reconnects, and EventSource must not.
  follow(id, { channel, epoch, since, last, filter }) {
    this.#streams.get(channel)?.close()
    const position = epoch ? `&since=${epoch}:${since}` : ""
    const stream = new EventSource(`${this.#path.replace("{channel}", channel)}?last=${last}${position}${filterQuery(filter)}`)
    this.#streams.set(channel, stream)
    stream.onerror = () => this.#ended()
    const on = (name, handler) => stream.addEventListener(name, handler)
    on("stream.subscribed", ({ data }) => this.#deliver(SUBSCRIBE, `"id":${id},"success":true`, data))
    on("stream.draining", ({ data }) => this.#drain(data))
    for (const name of new Set([...NOTICES, ...this.#names(channel)])) {
      on(name, event => this.#event(name, channel, event))
    }
  }

  #event(name, channel, { data, lastEventId }) {
    const [epoch, offset] = lastEventId.split(":")
    this.#deliver(name, `"channel":"${channel}","epoch":"${epoch}","offset":${offset}`, data)
  }

  #drain(data) {
    this.#code = RESTART
    this.#deliver("stream.draining", `"channel":null`, data)
  }

  #deliver(name, attributes, data) {
    this.onmessage?.({ data: `[["${name}",{${attributes},"data":${data}}]]` })
  }

  #ended() {
    this.close()
    this.onclose?.({ code: this.#code })
  }
}
