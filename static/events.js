// A replacement for a WebSocket where a proxy blocks WebSockets.

export const RESTART = 1012 // close code (RFC 6455 registry): the server restarts

const NOTICES = ["stream.gap", "stream.reset"] // events that a stream carries whatever is bound

// EventLink has the interface of a WebSocket and the same frames, but receives events as
// Server-Sent Events. Its path is that of one channel.
export class EventLink {
  onmessage
  onclose
  readyState = WebSocket.OPEN

  #path
  #names
  #streams = new Map() // channel → EventSource
  #code // close code

  // names returns the event names bound on a channel: an EventSource delivers only named events.
  constructor(path, names) {
    this.#path = path
    this.#names = names
  }

  // send handles a frame for the server. Only a subscription has an equivalent here.
  send(frame) {
    const [name, { id, data }] = JSON.parse(frame)
    if (name === "websocket_rails.subscribe") this.#follow(id, data)
  }

  close() {
    for (const stream of this.#streams.values()) stream.close()
  }

  // #follow opens a stream and closes the previous one of the channel. An error ends the
  // link, as with a WebSocket: reconnecting is up to the owner, not to EventSource.
  #follow(id, { channel, epoch, since, last }) {
    this.#streams.get(channel)?.close()
    const position = epoch ? `&since=${epoch}:${since}` : ""
    const stream = new EventSource(`${this.#path}?last=${last}${position}`)
    this.#streams.set(channel, stream)
    stream.onerror = () => this.#ended()
    const on = (name, handler) => stream.addEventListener(name, handler)
    on("stream.subscribed", ({ data }) => this.#deliver("websocket_rails.subscribe", `"id":${id},"success":true`, data))
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
