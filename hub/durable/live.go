package durable

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"nagare/hub"
)

const (
	pollFor   = 25 * time.Second // longer than an interval: the cursor of a 204 is always greater
	eventsFor = time.Minute
)

// poll returns a long poll that waits for the events after the request's position. common has the
// headers that all responses have.
func (h *handler) poll(q *request, common http.Header) *hub.Held {
	return &hub.Held{
		After: q.after, Cut: cut, Last: withJitter(pollFor), Poll: true,
		Batch: func(chunk hub.Chunk) []byte {
			h.setHeaders(common)
			return q.found(chunk).encode(common)
		},
		Heartbeat: func(hub.Position) []byte { return nil },
		End: func(at hub.Position, gap bool) []byte {
			if gap {
				return gone().encode(common)
			}
			return q.nothing(at).encode(common)
		},
	}
}

// events returns an event stream that begins after the request's position. If there are no events
// yet, it begins with the position. If the reader is the page of another origin, it ends once the
// stream is not open any more.
func (h *handler) events(q *request, common http.Header, foreign, none bool) *hub.Held {
	head := answer{http.StatusOK, http.Header{
		"Content-Type":      {"text/event-stream"},
		"Cache-Control":     {"no-cache, no-store, no-transform"},
		"X-Accel-Buffering": {"no"}, // or nginx would buffer the response
	}, nil}
	begin := head.encode(common)
	if none {
		begin = append(begin, q.control(hub.Chunk{Next: q.after, AtTip: true})...)
	}
	return &hub.Held{
		After: q.after, Cut: cut, Last: withJitter(eventsFor),
		Begin: begin, Heartbeat: q.heartbeat,
		Batch: func(chunk hub.Chunk) []byte {
			if foreign && !h.open() {
				return nil
			}
			return q.event(chunk)
		},
		End: func(at hub.Position, gap bool) []byte {
			if gap {
				return nil // the reader learns of it when it reconnects
			}
			return q.control(hub.Chunk{Next: at})
		},
	}
}

// event returns the events of a chunk as one Server-Sent Event with a JSON array, and the position
// after them as another.
func (q *request) event(chunk hub.Chunk) []byte {
	var b bytes.Buffer
	b.WriteString("event: data\ndata:")
	for i, line := range chunk.Lines {
		b.WriteByte("[,"[min(i, 1)])
		b.Write(bytes.TrimSuffix(line, []byte("\n")))
		b.WriteString("\ndata:")
	}
	b.WriteString("]\n\n")
	b.Write(q.control(chunk))
	return b.Bytes()
}

// heartbeat returns a comment or, with a filter, the position: a reader that reconnects must not ask
// for a position that is no longer held because no event has passed its filter for long.
func (q *request) heartbeat(at hub.Position) []byte {
	if q.filter == "" {
		return []byte(":\n\n")
	}
	return q.control(hub.Chunk{Next: at})
}

func (q *request) control(chunk hub.Chunk) []byte {
	data, err := json.Marshal(struct {
		Next     string `json:"streamNextOffset"`
		Cursor   string `json:"streamCursor"`
		UpToDate bool   `json:"upToDate,omitempty"`
	}{format(chunk.Next), q.cursor.next(chunk.Next), chunk.AtTip})
	if err != nil {
		panic(err) // such a struct always encodes
	}
	return fmt.Appendf(nil, "event: control\ndata:%s\n\n", data)
}

// withJitter returns a time that differs from d by up to a tenth, so that responses that began
// together don't end together.
func withJitter(d time.Duration) time.Duration { return d*9/10 + rand.N(d/5) }
