package hub

import (
	"cmp"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// filtered is the name of the events that a filter selects from. All other events reach every
// client: they change or end a record, are small, and a client that doesn't have the record
// ignores them.
const filtered = "create"

// filter is a filter that clients of a channel follow with, compiled once for all of them. It is
// asked once about each event: memo has its answers.
type filter struct {
	// Set when it is made, never changed.
	channel *Channel
	text    string // in canonical form
	match   func(Event) bool

	// Safe for concurrent use. At the event's offset, modulo the length: the version of the
	// event and, in the lowest bit, whether it matches. A log holds at most as many events. An
	// event that is rewritten gets a new version, so that the filter is asked again.
	memo []atomic.Uint64

	evaluating sync.Mutex // held while match is called

	// Guarded by filters.mu.
	users      int          // cursors
	introduced netip.Prefix // the client that first used it, while users is not 0
	idleSince  time.Time    // when users became 0
}

// concerns reports whether a reader with the filter is sent the entry's event. The log's mu is
// held, for reading or for writing.
func (f *filter) concerns(e *entry) bool {
	if e.event.Name != filtered {
		return true
	}
	memo := &f.memo[e.event.Position.Offset%uint64(len(f.memo))]
	if known := memo.Load(); known>>1 == e.version {
		return known&1 == 1
	}
	return f.evaluate(e, memo)
}

// evaluate asks the filter, unless another reader has asked it meanwhile.
func (f *filter) evaluate(e *entry, memo *atomic.Uint64) (matches bool) {
	f.evaluating.Lock()
	defer f.evaluating.Unlock()
	if known := memo.Load(); known>>1 == e.version {
		return known&1 == 1
	}
	known := e.version << 1
	if matches = f.match(e.event); matches {
		known |= 1
	}
	memo.Store(known)
	return matches
}

// filters are the filters of a hub, by channel and text. A filter without users is kept until
// its place is needed, because its clients may be about to reconnect.
type filters struct {
	hub  *Hub          // set by New, never changed
	pace *rate.Limiter // for new filters; safe for concurrent use

	mu sync.Mutex

	// Guarded by mu.
	known   map[filterKey]*filter
	clients map[netip.Prefix]int // how many filters in use each address has introduced
	full    refusals             // because as many are in use as Limits.Filters allows
}

type filterKey struct{ channel, text string }

// filterPace is in how many seconds one address can introduce as many new filters as
// Limits.Filters allows at once, and all addresses together sixteen times as many. A new filter
// has to look at the events of a recovery, up to all that the log holds.
const filterPace = 64

// filtersOf is how many of the filters in use one address can have introduced.
func filtersOf(limit int) int { return max(1, limit/8) }

func newFilters(h *Hub) *filters {
	most := h.limits.Filters
	return &filters{
		hub:     h,
		pace:    rate.NewLimiter(rate.Limit(most)/filterPace*16, most),
		known:   map[filterKey]*filter{},
		clients: map[netip.Prefix]int{},
	}
}

// noFilter says why a client can't follow with a filter.
type noFilter struct {
	code   string // for a WebSocket
	status int    // for a stream
	reason string
}

// answer refuses the request for a stream.
func (n *noFilter) answer(w http.ResponseWriter) {
	if n.status != http.StatusBadRequest {
		retryLater(w)
	}
	http.Error(w, n.reason, n.status)
}

// acquire returns the filter with that text, or nil if the text is empty or stands for all
// events. The filter must be given to a cursor, or released.
func (c *Channel) acquire(text string, from netip.Prefix) (*filter, *noFilter) {
	if text == "" {
		return nil, nil
	}
	if c.hub.opts.Filter == nil {
		return nil, &noFilter{"bad_filter", http.StatusBadRequest, "there are no filters here"}
	}
	canonical, match, err := c.hub.opts.Filter(c.name, text)
	switch {
	case err != nil:
		return nil, &noFilter{"bad_filter", http.StatusBadRequest, err.Error()}
	case canonical == "":
		return nil, nil
	}
	f, status := c.hub.filters.acquire(c, canonical, match, from)
	if status != 0 {
		return nil, &noFilter{"too_many_filters", status, "too many different filters, try again later"}
	}
	return f, nil
}

// acquire counts a user of the filter, and makes the filter if there is none. The status is not
// 0 if the address, or the hub, has as many filters as it may.
func (s *filters) acquire(c *Channel, text string, match func(Event) bool, from netip.Prefix) (f *filter, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := filterKey{c.name, text}
	f = s.known[key]
	if f == nil || f.users == 0 {
		if status := s.admit(from, f == nil); status != 0 {
			return nil, status
		}
		s.clients[from]++
	}
	if f == nil {
		f = &filter{channel: c, text: text, match: match, memo: make([]atomic.Uint64, c.hub.opts.Ring)}
		s.known[key] = f
	}
	if f.users == 0 {
		f.introduced = from
	}
	f.users++
	return f, 0
}

// admit checks the limits, and makes room for a new filter. s.mu is held.
func (s *filters) admit(from netip.Prefix, isNew bool) (status int) {
	most := s.hub.limits.Filters
	switch {
	case from.IsValid() && s.clients[from] >= filtersOf(most):
		return http.StatusTooManyRequests
	case !isNew:
		return 0
	case from.IsValid() && !s.hub.gate.allowFilter(from):
		return http.StatusTooManyRequests
	case len(s.known) >= most && !s.evict():
		if refused := s.full.add(time.Now()); refused > 0 {
			s.hub.opts.Log.Warn("filters refused, the hub has as many as it may", "limit", most,
				"setting", cmp.Or(s.hub.opts.Settings["Filters"], "Limits.Filters"), "refused", refused)
		}
		return http.StatusServiceUnavailable
	case !s.pace.Allow():
		return http.StatusServiceUnavailable
	}
	return 0
}

// evict removes the filter that has had no users for the longest time. It returns false if all
// have users. s.mu is held.
func (s *filters) evict() bool {
	var oldest *filter
	for _, f := range s.known {
		if f.users == 0 && (oldest == nil || f.idleSince.Before(oldest.idleSince)) {
			oldest = f
		}
	}
	if oldest != nil {
		delete(s.known, filterKey{oldest.channel.name, oldest.text})
	}
	return oldest != nil
}

// release removes a user of the filter.
func (s *filters) release(f *filter) {
	if f == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.users--; f.users > 0 {
		return
	}
	f.idleSince = time.Now()
	if s.clients[f.introduced]--; s.clients[f.introduced] == 0 {
		delete(s.clients, f.introduced)
	}
}
