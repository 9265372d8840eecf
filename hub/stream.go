package hub

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	streamFor = 30 * time.Minute // how long a stream lasts; then the client reconnects, perhaps to another process
	maxWait   = 60               // most seconds of a long poll
)

// ServeEvents sends the channel as Server-Sent Events (WHATWG HTML, section 9.2). The
// request can name a position to continue from, as since=epoch:offset or as Last-Event-ID,
// or request the newest n events with last=n. Last-Event-ID takes precedence, because a
// browser that reconnects repeats the first URL. The first event, stream.subscribed, has
// the position and whether all events since were recovered. With q, the client follows with
// that filter: see Options.Filter.
func (c *Channel) ServeEvents(w http.ResponseWriter, r *http.Request) {
	c.serveStream(w, r, eventForm, "text/event-stream; charset=utf-8")
}

// ServeLines sends the same as lines of JSON, with a blank line as the heartbeat. With
// wait=n it is a long poll: the response ends with the first events, or after n seconds.
//
// A long poll does not count against Limits.PerClient, so that a client can follow even if its
// address has as many connections as that limit allows. As long as the address is at the
// limit, the response has the header "Nagare-Limited: address". One address can have ten times
// as many polls as connections, and begin them ten times as fast.
func (c *Channel) ServeLines(w http.ResponseWriter, r *http.Request) {
	c.serveStream(w, r, lineForm, "application/x-ndjson; charset=utf-8")
}

// serveStream hijacks the connection. A shard then writes to it as to a WebSocket.
func (c *Channel) serveStream(w http.ResponseWriter, r *http.Request, f form, contentType string) {
	s, wait, err := c.parseQuery(r)
	pass := c.hub.passOf(r)
	if c.refuses(w, r, pass, err) {
		return
	}
	poll := wait > 0 && f == lineForm
	from, ok := c.hub.admitRequest(w, r, pass, poll)
	if !ok {
		return
	}
	filter, refused := c.acquire(s.filter, from)
	if refused != nil {
		c.hub.leave(from, pass, poll)
		refused.answer(w)
		return
	}
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no") // or nginx would buffer the response
	header.Set("Connection", "close")     // the response ends with the connection
	conn, ok := c.hub.hijack(w, from, pass, poll)
	if !ok {
		c.hub.filters.release(filter)
		return
	}
	l := c.log.Load()
	reply := s.start(newReading(l, filter), c.hub.limits)
	conn.subscribeAt(l, filter, &reply)
	conn.begin(f, reply, wait, header)
	c.hub.serve(conn)
}

// refuses answers a request that is not one for a stream of this channel, or whose client may not
// follow the channel. err is that of parseQuery.
func (c *Channel) refuses(w http.ResponseWriter, r *http.Request, pass *pass, err error) bool {
	channel, named := r.URL.Query()["channel"]
	switch {
	case !pass.mayFollow(c): // whatever else is wrong with the request
		http.Error(w, "no such channel", http.StatusNotFound)
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "want GET", http.StatusMethodNotAllowed)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case named && channel[0] != c.name:
		http.Error(w, "no such channel", http.StatusNotFound)
	default:
		return false
	}
	return true
}

// parseQuery reads the position that the client continues from, the filter, and how long a poll
// waits.
func (c *Channel) parseQuery(r *http.Request) (s subscription, wait time.Duration, err error) {
	query := r.URL.Query()
	if since := cmp.Or(r.Header.Get("Last-Event-ID"), query.Get("since")); since != "" {
		position, _ := ParsePosition(since) // an invalid position has an empty epoch, which no log has
		s.epoch, s.since = position.Epoch, &position.Offset
	}
	s.filter = query.Get("q")
	number := func(key string, most int) (n *uint64, ok bool) {
		if !query.Has(key) {
			return nil, true
		}
		return asCount([]byte(query.Get(key)), uint64(most))
	}
	var ok bool
	if s.last, ok = number("last", c.hub.limits.Last); !ok {
		return s, 0, fmt.Errorf("last: want 0 to %d", c.hub.limits.Last)
	}
	seconds, ok := number("wait", maxWait)
	if !ok || seconds != nil && *seconds == 0 {
		return s, 0, fmt.Errorf("wait: want 1 to %d seconds", maxWait)
	}
	if seconds != nil {
		wait = time.Duration(*seconds) * time.Second
	}
	return s, wait, nil
}

// begin makes the connection a stream or a long poll. Its output starts with the head of the
// response and the event stream.subscribed.
func (c *conn) begin(f form, reply subscribed, wait time.Duration, header http.Header) {
	ends := streamFor + rand.N(streamFor/3) - streamFor/6 // jitter
	if wait > 0 && f == lineForm {
		c.longPoll, ends = true, wait
	}
	c.form = f
	c.expires.Store(time.Now().Add(ends).UnixNano())
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	header.Write(&b)
	b.WriteString("\r\n")
	if f == eventForm {
		fmt.Fprintf(&b, "retry: %d\n\nid: %v\n", 2000+rand.IntN(6000), Position{reply.Epoch, reply.Offset})
	}
	b.Write(f.message("stream.subscribed", reply))
	c.appendOutput(b.Bytes())
}
