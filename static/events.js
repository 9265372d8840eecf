// The stand-in for a WebSocket where none gets through. It takes the same frames
// and gives the same, but gets them as Server-Sent Events: a stream a channel.

export const RESTART = 1012 // close code: the server restarts

const MARKS = ["stream.gap", "stream.reset"] // that a stream may carry, whatever is bound

export class EventLink {
  onmessage
  onclose
  readyState = WebSocket.OPEN

  #names
  #streams = new Map() // channel → EventSource
  #code // to close with

  // names gives those of a channel's events: a stream is heard only by name.
  constructor(names) {
    this.#names = names
  }

  // send takes a frame for the server, to whom only a subscription can be said.
  send(frame) {
    const [name, { id, data }] = JSON.parse(frame)
    if (name === "websocket_rails.subscribe") this.#follow(id, data)
  }

  close() {
    for (const stream of this.#streams.values()) stream.close()
  }

  // #follow opens a stream in the place of the one there was. It never opens
  // again by itself: that is up to who uses us, as with a WebSocket.
  #follow(id, { channel, epoch, since, last }) {
    this.#streams.get(channel)?.close()
    const place = epoch ? `&since=${epoch}:${since}` : ""
    const stream = new EventSource(`/${channel}/events?last=${last}${place}`)
    this.#streams.set(channel, stream)
    stream.onerror = () => this.#ended()
    const hear = (name, pass) => stream.addEventListener(name, pass)
    hear("stream.subscribed", ({ data }) => this.#pass("websocket_rails.subscribe", `"id":${id},"success":true`, data))
    hear("stream.draining", ({ data }) => this.#drain(data))
    for (const name of new Set([...MARKS, ...this.#names(channel)])) {
      hear(name, event => this.#event(name, channel, event))
    }
  }

  #event(name, channel, { data, lastEventId }) {
    const [epoch, offset] = lastEventId.split(":")
    this.#pass(name, `"channel":"${channel}","epoch":"${epoch}","offset":${offset}`, data)
  }

  #drain(data) {
    this.#code = RESTART
    this.#pass("stream.draining", `"channel":null`, data)
  }

  #pass(name, attributes, data) {
    this.onmessage?.({ data: `[["${name}",{${attributes},"data":${data}}]]` })
  }

  #ended() {
    this.close()
    this.onclose?.({ code: this.#code })
  }
}
