package hub

// cursor is a connection's position in the log of a channel that it follows. It moves
// forward as events are written.
type cursor struct {
	log *log
	at  uint64 // the next event to be written has the offset at+1
}

// behind reports whether there is something to write: events, or the notice that another
// log has replaced this one. A cursor can also be ahead of the log: see obstacle.
func (f *cursor) behind() bool { return f.at < f.log.head.Load() || f.log.replaced() }

// batch is what one write takes from one log: whole events, or a gap or reset notice.
type batch struct {
	bytes []byte
	ends  []int  // for each event, the index in bytes after its last byte
	jump  cursor // where the cursor continues after a notice, or after the batch of a Held; else zero
}

func (b *batch) reset() { b.bytes, b.ends, b.jump = b.bytes[:0], b.ends[:0], cursor{} }

func (b *batch) add(frame []byte) {
	b.bytes = append(b.bytes, frame...)
	b.ends = append(b.ends, len(b.bytes))
}
