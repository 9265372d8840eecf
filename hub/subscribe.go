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
	case req.name == railsSubscribe:
		c.subscribe(req)
	case req.name == railsLeave:
		c.unsubscribe(req)
	case req.name == railsPrivate:
		c.refuse(req, failure{"not_private", "channel is not private", "use subscribe instead."})
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
	ahead   uint64 // how far ahead of the log since can be
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
	ch := c.hub.lookup(s.channel)
	if ch == nil {
		c.refuse(req, failure{Error: "unknown_channel", Reason: "no such channel"})
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	reply, ok := c.subscribeAt(ch.log.Load(), s)
	if ok {
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
}

// subscribeAt finds the position from which the client continues, and sets a cursor to it. ok
// is false if the connection has as many subscriptions as Limits.Channels allows. c.mu is
// held.
func (c *conn) subscribeAt(l *log, s subscription) (reply subscribed, ok bool) {
	i := slices.IndexFunc(c.cursors, func(f cursor) bool { return f.log.channel == l.channel })
	switch {
	case i >= 0 && s.since == nil: // subscribed already: the cursor stays, even if it is in a log of an older epoch
		f := c.cursors[i]
		return subscribed{Channel: l.channel.name, Epoch: f.log.epoch, Offset: f.at, Head: f.log.head.Load()}, true
	case i < 0 && len(c.cursors) >= c.hub.limits.Channels:
		return reply, false
	case i < 0:
		i = len(c.cursors)
		c.cursors = append(c.cursors, cursor{})
	}
	tail, head := l.bounds()
	reply = subscribed{Channel: l.channel.name, Epoch: l.epoch, Head: head}
	if c.hub.opts.Store != nil {
		s.ahead = uint64(c.hub.limits.Replay)
	}
	s.chooseOffset(tail, uint64(c.hub.limits.Replay), &reply)
	c.cursors[i] = cursor{l, reply.Offset}
	return reply, true
}

// chooseOffset sets the offset after which the client continues. That is s.since if the log
// holds all events after s.since, and there are at most so many as most says. Otherwise it is
// the offset before the newest s.last events that are held, or the head if s.last is nil.
func (s subscription) chooseOffset(tail, most uint64, reply *subscribed) {
	if s.since != nil {
		reply.Reason = s.obstacle(tail, most, reply)
		recovered := reply.Reason == ""
		reply.Recovered = &recovered
	}
	switch {
	case s.since != nil && reply.Reason == "":
		reply.Offset = *s.since
	case s.last != nil:
		reply.Offset = max(tail-1, reply.Head-min(*s.last, reply.Head))
	default:
		reply.Offset = reply.Head
	}
}

// obstacle returns why the events after s.since can't be recovered, or "". A position ahead of
// the log is no obstacle if there is a store: another hub has delivered the events up to there
// before this one.
func (s subscription) obstacle(tail, most uint64, reply *subscribed) string {
	switch since := *s.since; {
	case s.epoch != reply.Epoch:
		return "epoch"
	case since+1 < tail:
		return "expired"
	case since > reply.Head+s.ahead:
		return "ahead"
	case since < reply.Head && reply.Head-since > most:
		return "too_far"
	}
	return ""
}

// unsubscribe removes the cursor of a channel, if there is one. No event of the channel
// follows the reply.
func (c *conn) unsubscribe(req request) {
	attrs, _ := asObject(req.data)
	channel, _ := asString(attrs["channel"])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cursors = slices.DeleteFunc(c.cursors, func(f cursor) bool { return f.log.channel.name == channel })
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
