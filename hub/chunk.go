package hub

import (
	"math"
	"net/http"
)

// Chunk is a part of a log.
type Chunk struct {
	Lines [][]byte // the events, each as a line of JSON, as [Channel.ServeLines] sends it; must not be changed
	Next  Position // after the last of the events
	AtTip bool     // no event followed when the chunk was read
}

// Chunk returns the events after a position. It ends at an offset that is a multiple of cut, so
// that all readers get the same chunks, or with the newest event. It returns ErrGap if the log
// doesn't hold the event after the position. If the hub has a store, the position can be ahead of
// the log: another hub has delivered the events up to there before this one.
func (c *Channel) Chunk(after Position, cut uint64) (Chunk, error) {
	l := c.log.Load()
	if after.Epoch != l.epoch || after.Offset > l.head.Load()+c.ahead() {
		return Chunk{}, ErrGap
	}
	return l.chunk(after.Offset, cut, math.MaxInt)
}

// chunk is Chunk for a log. All lines but the first have at most so many bytes as size says.
func (l *log) chunk(after, cut uint64, size int) (chunk Chunk, err error) {
	next := after
	if after < l.head.Load() || l.replaced() {
		err = l.read(after, func(e *entry) bool {
			line := e.encoded(lineForm)
			if size -= len(line); next > after && (size < 0 || next%cut == 0) {
				return false
			}
			chunk.Lines = append(chunk.Lines, line)
			next++
			return true
		})
	}
	chunk.Next, chunk.AtTip = Position{l.epoch, next}, next >= l.head.Load()
	return chunk, err
}

// ahead is how far ahead of the log the position of a client can be.
func (c *Channel) ahead() uint64 {
	if c.hasStore() {
		return uint64(c.hub.limits.Replay)
	}
	return 0
}

// Oldest returns the position before the oldest event that is held.
func (c *Channel) Oldest() Position {
	l := c.log.Load()
	tail, _ := l.bounds()
	return Position{l.epoch, tail - 1}
}

// Admit counts a request as a long poll that ends at once. Otherwise it answers the request with a
// refusal, and returns false. If anyOrigin is set, pages of all origins are admitted. A private
// channel is not found, because caches share what is read.
func (c *Channel) Admit(w http.ResponseWriter, r *http.Request, anyOrigin bool) bool {
	if c.private.Load() {
		http.NotFound(w, r)
		return false
	}
	from, ok := c.hub.admitRequest(w, r, true, anyOrigin)
	if ok {
		c.hub.leave(from, true)
		w.Header().Del(limitedHeader) // a cache would send it to other clients
	}
	return ok
}
