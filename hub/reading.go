package hub

// reading is the part of a log that a subscription can continue in, as its filter sees it.
type reading struct {
	log        *log
	filter     *filter // nil: all events
	tail, head uint64  // the oldest and the newest event held, at one moment
}

func newReading(l *log, f *filter) reading {
	tail, head := l.bounds()
	return reading{l, f, tail, head}
}

// lookAtOnce is how many events a filter is asked about before publishers have their turn.
const lookAtOnce = 64

// after counts the events after an offset that the client would be sent.
func (r reading) after(offset uint64) (n uint64) {
	if r.filter == nil {
		return r.head - min(offset, r.head)
	}
	for at := offset; at < r.head; {
		looked := 0
		err := r.log.read(at, func(e *entry) bool {
			at, looked = e.event.Position.Offset, looked+1
			if at <= r.head && r.filter.concerns(e) {
				n++
			}
			return at < r.head && looked < lookAtOnce
		})
		if err != nil {
			break // the log was trimmed meanwhile, which the client will be told by a notice
		}
	}
	return n
}

// newest returns the offset before the newest n events that the client would be sent.
func (r reading) newest(n uint64) (before uint64) {
	if r.filter == nil {
		return max(r.tail-1, r.head-min(n, r.head))
	}
	before = r.head
	for ; n > 0 && before >= r.tail; before-- {
		err := r.log.read(before-1, func(e *entry) bool {
			if r.filter.concerns(e) {
				n--
			}
			return false
		})
		if err != nil {
			break
		}
	}
	return before
}

// start decides after which offset the subscription continues. That is s.since if the log holds
// all events after s.since, and at most Limits.Replay of them concern the client. Otherwise it is
// the offset before the newest s.last events that are held, or the head if s.last is nil.
func (s subscription) start(r reading, limits Limits) subscribed {
	reply := subscribed{Channel: r.log.channel.name, Epoch: r.log.epoch, Head: r.head}
	if r.filter != nil {
		reply.Filter = r.filter.text
	}
	if s.since != nil {
		reply.Reason = s.obstacle(r, limits)
		recovered := reply.Reason == ""
		reply.Recovered = &recovered
	}
	switch {
	case s.since != nil && reply.Reason == "":
		reply.Offset = *s.since
	case s.last != nil:
		reply.Offset = r.newest(*s.last)
	default:
		reply.Offset = r.head
	}
	return reply
}

// obstacle returns why the events after s.since can't be recovered, or "". A position ahead of
// the log is no obstacle if there is a store: another hub has delivered the events up to there
// before this one.
func (s subscription) obstacle(r reading, limits Limits) string {
	switch since := *s.since; {
	case s.epoch != r.log.epoch:
		return "epoch"
	case since+1 < r.tail:
		return "expired"
	case since > r.head+r.log.channel.ahead():
		return "ahead"
	case r.after(since) > uint64(limits.Replay):
		return "too_far"
	}
	return ""
}
