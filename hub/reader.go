package hub

import (
	"math"
	"net/http"
	"net/netip"
)

// Reader reads the log of a channel for one request, in a protocol that another package implements.
// Only one goroutine may use it.
type Reader struct {
	// Set by NewReader, never changed.
	channel *Channel
	from    netip.Prefix // the client

	filter *filter // nil: all events; the Reader is a user of it until Close
}

// NewReader returns a reader for the events that concern a filter: see Options.Filter. An empty filter
// stands for all events. If anyOrigin is set, pages of all origins can read. A private channel is not
// found, because caches share what is read. Until the events of the store are loaded, requests are
// refused: otherwise a reader would begin anew that can continue a moment later. NewReader answers a
// request that is refused, and returns false.
func (c *Channel) NewReader(w http.ResponseWriter, r *http.Request, filter string, anyOrigin bool) (*Reader, bool) {
	if c.private.Load() {
		http.NotFound(w, r)
		return nil, false
	}
	if !c.hub.checkRequest(w, r, anyOrigin) {
		return nil, false
	}
	if c.hasStore() && !c.isLoaded() {
		retryLater(w)
		http.Error(w, "the log is not loaded yet", http.StatusServiceUnavailable)
		return nil, false
	}
	reader := &Reader{channel: c, from: clientOf(r.RemoteAddr)}
	var refused *noFilter
	if reader.filter, refused = c.acquire(filter, reader.from); refused != nil {
		refused.answer(w)
		return nil, false
	}
	return reader, true
}

// Close ends the use of the reader.
func (r *Reader) Close() {
	r.channel.hub.filters.release(r.filter)
	r.filter = nil
}

// Chunk returns the events after a position. It ends at an offset that is a multiple of cut, so
// that all readers get the same chunks, or with the newest event. It returns ErrGap if the log
// doesn't hold the event after the position. If the hub has a store, the position can be ahead of
// the log: another hub has delivered the events up to there before this one.
func (r *Reader) Chunk(after Position, cut uint64) (Chunk, error) {
	l := r.channel.log.Load()
	if after.Epoch != l.epoch || after.Offset > l.head.Load()+r.channel.ahead() {
		return Chunk{}, ErrGap
	}
	return l.chunk(r.filter, after.Offset, cut, math.MaxInt)
}

// Oldest returns the position before the oldest event that is held.
func (r *Reader) Oldest() Position {
	l := r.channel.log.Load()
	tail, _ := l.bounds()
	return Position{l.epoch, tail - 1}
}

// Admit counts the request as a long poll that ends at once. It answers a request that is refused,
// and returns false.
func (r *Reader) Admit(w http.ResponseWriter) bool {
	hub := r.channel.hub
	ok := hub.enter(w, r.from, nil, true)
	if ok {
		hub.leave(r.from, nil, true)
		w.Header().Del(limitedHeader) // a cache would send it to other clients
	}
	return ok
}

// ahead is how far ahead of the log the position of a client can be.
func (c *Channel) ahead() uint64 {
	if c.hasStore() {
		return uint64(c.hub.limits.Replay)
	}
	return 0
}
