package hub

// cursor is a connection's position in the log of a channel that it follows. It moves
// forward as events are written or, with a filter, passed over.
type cursor struct {
	view *view
	at   uint64 // all events up to this offset are written, or passed over
}

// view is what a cursor reads of a log. All cursors without a filter share log.all. A cursor
// with a filter has a view of its own, so that a cursor without one stays as small as it is: the
// fields that a delivery reads must fit in one cache line.
//
// The fields are guarded by the connection's mu, except those of log.all, which never change.
type view struct {
	log    *log
	filter *filter // nil: all events
	group  *group  // where the filter's connections are listed; nil until the shard has the connection
	told   uint64  // the last offset that the client was sent, in an event or in a notice
	level  bool    // the cursor has been as far as its group: see group
}

// newCursor makes a cursor that continues after an offset. The filter can be nil.
func newCursor(l *log, filter *filter, at uint64) cursor {
	if filter == nil {
		return cursor{&l.all, at}
	}
	return cursor{&view{log: l, filter: filter, told: at}, at}
}

// settle moves a cursor with a filter past events that its group has looked at.
func (f *cursor) settle() {
	if g := f.view.group; g != nil {
		g.settle(f)
	}
}

// behind reports whether there is something to read: events, or the notice that another
// log has replaced this one. A cursor can also be ahead of the log: see obstacle.
func (f *cursor) behind() bool { return f.at < f.view.log.head.Load() || f.view.log.replaced() }

// moveTo continues at an offset of the channel's current log, as a notice has told the client.
func (f *cursor) moveTo(l *log, at uint64) {
	f.at = at
	if f.view.filter == nil {
		f.view = &l.all
		return
	}
	f.view.log, f.view.told, f.view.level = l, at, false
}

// passed records that the events of the batch are written, up to the one of that index.
func (f *cursor) passed(b *batch, last int) {
	f.at = b.offsets[last]
	if f.view.filter != nil {
		f.view.told = f.at
	}
	if last == len(b.ends)-1 {
		f.at = b.upTo
	}
}

// batch is what one write takes from one log: whole events, or a gap or reset notice.
type batch struct {
	bytes   []byte
	ends    []int    // for each event, the index in bytes after its last byte
	offsets []uint64 // for each event, its offset
	upTo    uint64   // the last offset read; with a filter, events after the last of offsets may be passed over
	more    bool     // there was more to read
	jump    *log     // if it is a notice, the log in which the cursor continues, at the notice's offset
}

func (b *batch) reset() {
	*b = batch{bytes: b.bytes[:0], ends: b.ends[:0], offsets: b.offsets[:0]}
}

func (b *batch) add(frame []byte, offset uint64) {
	b.bytes = append(b.bytes, frame...)
	b.ends = append(b.ends, len(b.bytes))
	b.offsets = append(b.offsets, offset)
	b.upTo = offset
}
