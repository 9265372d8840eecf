package hub

import (
	"maps"
	"slices"
	"sync"
)

// group is the connections of a shard that follow a channel with the same filter. The shard
// looks at the new events once for all of them, and visits the connections only if one of the
// events concerns the filter: a visit costs a lock and a fetch from memory, also if the
// connection has nothing to write. So the cursors of the others stay behind, and move later.
//
//	                      from               upTo
//	…  o  x  o  o  x  o  o  X  o  o  o  o  o  o  │  new events      X concerns the filter, as x does
//	                   ▲        ▲              ▲
//	                   C        A              B
//
// The invariant: when the shard looked at the events in (from, upTo], none of them concerned the
// filter. So a cursor in [from, upTo), as A, can move to upTo without reading, even if the log no
// longer holds these events, provided that it is level: that it was at upTo at some time since
// the connection joined. A cursor that is not level is that of a client which recovers. It reads
// by itself, because an event that was rewritten since may concern it now. A cursor before from,
// as C, has an event to read, because its socket is full.
//
// If some of the new events concern the filter, upTo first moves to just before the first of
// them. Then the connections are visited. Only then from moves to the last of them, so that
// during the visits no cursor has less to read than before: the invariant holds at each moment.
type group struct {
	filter *filter // set when it is made, never changed

	mu sync.Mutex

	// Guarded by mu; written only by shard.run.
	log        *log
	from, upTo uint64

	// Guarded by shard.mu.
	members map[*conn]struct{}
}

// newGroup makes a group without connections. It begins at the log's head: a connection that
// joins reads the events before by itself.
func newGroup(f *filter) *group {
	l := f.channel.log.Load()
	head := l.head.Load()
	return &group{filter: f, log: l, from: head, upTo: head, members: map[*conn]struct{}{}}
}

// settle moves the cursor past events that the group has looked at. The connection's mu is held.
func (g *group) settle(f *cursor) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch v := f.view; {
	case v.log != g.log:
	case f.at >= g.upTo:
		v.level = true
	case v.level && f.at >= g.from:
		f.at = g.upTo
	}
}

// advance changes what settle does.
func (g *group) advance(l *log, from, upTo uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.log, g.from, g.upTo = l, from, upTo
}

// look looks at the events since the last look. If one of them concerns the filter, or the log
// doesn't hold them any more, the group's connections must be visited, and done be called then.
// Only shard.run calls look.
func (g *group) look() (done func()) {
	l := g.filter.channel.log.Load()
	head := l.head.Load()
	if l == g.log && head == g.upTo {
		return nil
	}
	from, upTo, found := g.from, g.upTo, false
	err := ErrGap
	if l == g.log {
		err = l.read(g.upTo, func(e *entry) bool {
			upTo = e.event.Position.Offset
			if g.filter.concerns(e) {
				if !found {
					g.advance(l, g.from, upTo-1)
				}
				from, found = upTo, true
			}
			return true
		})
	}
	switch {
	case err != nil: // each connection finds out by itself what it has missed
		return func() { g.advance(l, head, head) }
	case found:
		return func() { g.advance(l, from, upTo) }
	}
	g.advance(l, from, upTo)
	return nil
}

// Methods of the shard

// visit writes to the connections of the group, if there is something to write.
func (s *shard) visit(g *group) {
	done := g.look()
	if done == nil {
		return
	}
	s.each(func(dst []*conn) []*conn { return slices.AppendSeq(dst, maps.Keys(g.members)) }, flushConn)
	done()
}

// place has the connection visited at every event or, if all its cursors have filters, only with
// their groups. c.mu is held.
func (s *shard) place(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.slot < 0 {
		return // add will call it
	}
	always := len(c.cursors) == 0
	for _, f := range c.cursors {
		switch v := f.view; {
		case v.filter == nil:
			always = true
		case v.group == nil:
			v.group = s.join(c, v.filter)
		}
	}
	if was := c.slot < s.always; always && !was {
		s.swap(c.slot, s.always)
		s.always++
	} else if was && !always {
		s.always--
		s.swap(c.slot, s.always)
	}
}

// join adds the connection to the group of a filter. s.mu is held.
func (s *shard) join(c *conn, f *filter) *group {
	g := s.filtered[f]
	if g == nil {
		g = newGroup(f)
		s.filtered[f] = g
	}
	g.members[c] = struct{}{}
	return g
}

// leave removes the connection from the group of a view that it no longer has, and releases the
// filter. c.mu is held.
func (s *shard) leave(c *conn, v *view) {
	if g := v.group; g != nil {
		s.mu.Lock()
		delete(g.members, c)
		if len(g.members) == 0 {
			delete(s.filtered, g.filter)
		}
		s.mu.Unlock()
	}
	c.hub.filters.release(v.filter)
}
