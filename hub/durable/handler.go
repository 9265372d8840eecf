package durable

import (
	"net/http"

	"nagare/hub"
)

// Options configures a handler.
type Options struct {
	// Open reports whether pages of all origins can read the stream. nil: those of the hub's own
	// origins only.
	Open func() bool
}

// Methods are the methods that the handler answers.
const Methods = "GET, HEAD, OPTIONS"

// Handler serves the log of a channel.
func Handler(channel *hub.Channel, o Options) http.Handler {
	return &handler{channel, o}
}

type handler struct {
	channel *hub.Channel
	options Options
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.setHeaders(w.Header())
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		h.read(w, r)
	case http.MethodOptions:
		w.Header().Set("Allow", Methods)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", Methods)
		http.Error(w, "want "+Methods, http.StatusMethodNotAllowed)
	}
}

func (h *handler) open() bool { return h.options.Open != nil && h.options.Open() }

// setHeaders sets the headers of all responses. Nothing is cached unless a response says otherwise. It
// is called again once the events of a response are known: with one of them, the stream can have
// become one that is not open.
func (h *handler) setHeaders(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Del("Access-Control-Allow-Origin")
	if !h.open() {
		return
	}
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Allow-Methods", "GET, HEAD")
	header.Set("Access-Control-Allow-Headers", "If-None-Match")
	header.Set("Access-Control-Expose-Headers", "ETag, Stream-Cursor, Stream-Next-Offset, Stream-Up-To-Date")
}

// read answers a GET or HEAD request.
func (h *handler) read(w http.ResponseWriter, r *http.Request) {
	q, wrong := parse(r)
	common := w.Header().Clone() // before a refusal adds its own
	reader, ok := h.channel.NewReader(w, r, q.filter, h.open())
	if !ok {
		return
	}
	defer reader.Close()
	switch {
	case r.Method == http.MethodHead:
		w.Header().Set(nextOffset, format(h.channel.Tip()))
		w.Header().Set("Content-Type", jsonType)
	case wrong != nil:
		http.Error(w, wrong.Error(), http.StatusBadRequest)
	default:
		h.answer(w, r, &q, reader, common)
	}
}

// answer answers a GET request. common has the headers that all responses have.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, q *request, reader *hub.Reader, common http.Header) {
	chunk, err := h.chunk(q, reader)
	switch {
	case err != nil:
	case q.live == events:
		err = reader.Hold(w, h.events(q, common, r.Header.Get("Origin") != "", len(chunk.Lines) == 0))
	case q.live == longPoll && len(chunk.Lines) == 0:
		err = reader.Hold(w, h.poll(q, common))
	case reader.Admit(w):
		h.setHeaders(w.Header())
		q.found(chunk).send(w, r)
	}
	if err != nil && reader.Admit(w) {
		gone().send(w, r)
	}
}

// chunk returns the events that follow the request's position.
func (h *handler) chunk(q *request, reader *hub.Reader) (chunk hub.Chunk, err error) {
	for range 3 { // the oldest event can be trimmed meanwhile
		switch q.from {
		case fromTail:
			q.after = h.channel.Tip()
			return hub.Chunk{Next: q.after, AtTip: true}, nil
		case fromOldest:
			q.after = reader.Oldest()
		}
		chunk, err = reader.Chunk(q.after, cut)
		if err == nil || q.from == fromOffset {
			break
		}
	}
	return chunk, err
}
