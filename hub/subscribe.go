package hub

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// handleRequest does what the request asks, and replies if the request wants a reply.
func (c *conn) handleRequest(req request) {
	switch {
	case req.name == railsPong:
	case req.channel != nil:
		c.refuse(req, failure{Error: "forbidden", Reason: "channel is read-only"})
	case req.name == railsSubscribe, req.name == railsPrivate:
		c.subscribe(req)
	case req.name == railsLeave:
		c.unsubscribe(req)
	case isReserved(req.name):
		c.refuse(req, failure{Error: "reserved", Reason: "only the server sends this event"})
	case req.id != nil:
		c.refuse(req, failure{Error: "unknown_event", Reason: "no such event"})
	}
}

func (c *conn) refuse(req request, why failure) { c.send(req.result(false, why)) }

// subscription is what a subscribe request asks for.
type subscription struct {
	channel string
	since   *uint64 // with epoch: the position of the last event that the client processed
	epoch   string
	last    *uint64
	filter  string // "" for all events
}

// parseSubscription reads the data of a subscribe request. wrong says what is wrong with the
// data, or is "".
func parseSubscription(data json.RawMessage, maxLast int) (s subscription, wrong string) {
	attrs, ok := asObject(data)
	if !ok {
		return s, `data: want {"channel":name}`
	}
	if s.channel, ok = asString(attrs["channel"]); !ok {
		return s, "channel: want a name"
	}
	if s.since, ok = asCount(attrs["since"], maxOffset-1); !ok {
		return s, "since: want an offset"
	}
	if s.last, ok = asCount(attrs["last"], uint64(maxLast)); !ok {
		return s, "last: want 0 to " + strconv.Itoa(maxLast)
	}
	if raw, given := attrs["filter"]; given {
		if s.filter, ok = asString(raw); !ok {
			return s, "filter: want a text"
		}
	}
	epoch, given := attrs["epoch"]
	if given != (s.since != nil) {
		return s, "since and epoch: want both or neither"
	}
	if s.epoch, ok = asString(epoch); given && (!ok || !epochPattern.MatchString(s.epoch)) {
		return s, "epoch: want 1 to 16 of 0-9 a-z"
	}
	return s, ""
}

// asCount reads an integer from 0 to most. If raw is nil, so is n.
func asCount(raw json.RawMessage, most uint64) (n *uint64, ok bool) {
	if raw == nil {
		return nil, true
	}
	v, err := strconv.ParseUint(string(raw), 10, 64)
	return &v, err == nil && v <= most
}

// subscribe sets the cursor of a channel. Before any event of the channel, the client is sent
// a token and then the result. The client of 2013 waits for the token, which grants nothing.
func (c *conn) subscribe(req request) {
	s, wrong := parseSubscription(req.data, c.hub.limits.Last)
	if wrong != "" {
		c.refuse(req, failure{Error: "bad_request", Reason: wrong})
		return
	}
	ch, why := c.find(s.channel, req.name == railsPrivate)
	if why != nil {
		c.refuse(req, *why)
		return
	}
	filter, refused := ch.acquire(s.filter, c.from)
	if refused != nil {
		c.refuse(req, failure{Error: refused.code, Reason: refused.reason})
		return
	}
	l := ch.log.Load()
	reply := s.start(newReading(l, filter), c.hub.limits)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subscribeAt(l, filter, &reply) {
		token := control{Channel: &s.channel, Data: map[string]string{"token": c.token(s.channel)}}
		c.appendOutput(token.encode(railsToken))
		c.appendOutput(req.result(true, reply))
	} else {
		most := "at most " + strconv.Itoa(c.hub.limits.Channels)
		c.appendOutput(req.result(false, failure{Error: "too_many_subscriptions", Reason: most}))
	}
	c.flush()
}

// subscribed is the data of the reply to a subscribe request. The events of the channel that
// follow on this connection begin after Offset.
type subscribed struct {
	Channel   string `json:"channel"`
	Epoch     string `json:"epoch"`
	Offset    uint64 `json:"offset"`
	Head      uint64 `json:"head"`
	Recovered *bool  `json:"recovered,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Filter    string `json:"filter,omitempty"` // in canonical form
}

// subscribeAt sets the cursor of the log's channel to the position in the reply. If the client
// follows the channel already, and doesn't ask for a position, the cursor stays, even if it is in
// a log of an older epoch, and the reply gets its position. The cursor takes over the filter. ok
// is false if the connection has as many subscriptions as Limits.Channels allows. c.mu is held.
func (c *conn) subscribeAt(l *log, filter *filter, reply *subscribed) (ok bool) {
	i := slices.IndexFunc(c.cursors, func(f cursor) bool { return f.view.log.channel == l.channel })
	switch {
	case c.state == closed, i < 0 && len(c.cursors) >= c.hub.limits.Channels:
		c.hub.filters.release(filter)
		return false
	case i < 0:
		i = len(c.cursors)
		c.cursors = append(c.cursors, cursor{view: &l.all})
	case reply.Recovered == nil:
		f := &c.cursors[i]
		f.settle()
		l = f.view.log
		reply.Epoch, reply.Offset, reply.Head = l.epoch, f.at, l.head.Load()
	}
	f := &c.cursors[i]
	c.shard.leave(c, f.view)
	*f = newCursor(l, filter, reply.Offset)
	c.shard.place(c)
	return true
}

// unsubscribe removes the cursor of a channel, if there is one. No event of the channel
// follows the reply.
func (c *conn) unsubscribe(req request) {
	attrs, _ := asObject(req.data)
	channel, _ := asString(attrs["channel"])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cursors = slices.DeleteFunc(c.cursors, func(f cursor) bool {
		found := f.view.log.channel.name == channel
		if found {
			c.shard.leave(c, f.view)
		}
		return found
	})
	c.shard.place(c)
	c.appendOutput(req.result(true, nil))
	c.flush()
}

// token returns the token of a channel on this connection. It is the same each time, and
// differs from those of other channels and connections.
func (c *conn) token(channel string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", c.hub.secret, c.serial, channel))
	return hex.EncodeToString(sum[:16])
}

// newToken returns n random bytes in lower-case hexadecimal.
func newToken(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
