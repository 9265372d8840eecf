package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"sync/atomic"
	"unicode/utf8"
)

// Channel is a named log that browsers subscribe to. Its methods may be called
// from several goroutines at once.
type Channel struct {
	hub  *Hub
	name string
	log  atomic.Pointer[log] // another one only if a broker changes the epoch
}

// Trigger publishes an event to everybody who is subscribed, now or from a position
// before it. The data is anything that encoding/json can encode; nil stands for {}.
func (c *Channel) Trigger(ctx context.Context, event string, data any) (Position, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return Position{}, fmt.Errorf("hub: trigger %s: %w", event, err)
	}
	return c.Publish(ctx, Event{Name: event, Data: raw})
}

// Publish is Trigger for an event that is ready made, with a Key or in order to
// erase. It returns ErrTooLarge if the data is over 16 KiB.
func (c *Channel) Publish(ctx context.Context, ev Event) (Position, error) {
	if err := ctx.Err(); err != nil {
		return Position{}, err
	}
	if err := ev.prepare(); err != nil {
		return Position{}, err
	}
	if b := c.hub.opts.Broker; b != nil {
		return b.Append(ctx, c.name, ev)
	}
	position := c.log.Load().append(ev)
	c.hub.wake()
	return position, nil
}

// Recent returns the newest n events that are still held, oldest first, and the
// position after the newest: a page made of them continues from there. Their Data is
// part of what all readers are sent and must not be changed.
func (c *Channel) Recent(n int) (events []Event, tip Position) { return c.log.Load().recent(max(n, 0)) }

// Tip returns the position after the newest event.
func (c *Channel) Tip() Position {
	l := c.log.Load()
	return Position{l.epoch, l.head.Load()}
}

// prepare checks the event and brings its data into the form of the wire.
func (ev *Event) prepare() error {
	if err := checkName("event", ev.Name); err != nil {
		return err
	}
	switch ev.Name {
	case "error", "message", "open":
		return fmt.Errorf("hub: event name %q, which means something else to an EventSource", ev.Name)
	}
	if ev.Erase && ev.Key == "" {
		return fmt.Errorf("hub: %s erases without a Key", ev.Name)
	}
	if len(ev.Data) == 0 {
		ev.Data = json.RawMessage("null")
	}
	compact, err := json.Marshal(ev.Data) // on one line, with <, > and & escaped
	if err != nil {
		return fmt.Errorf("hub: data of %s: %w", ev.Name, err)
	}
	if string(compact) == "null" {
		compact = []byte("{}") // null would reach a 2013 client's callback as something else
	}
	if !utf8.Valid(compact) {
		compact = bytes.ToValidUTF8(compact, []byte("\uFFFD")) // a browser would end the connection
	}
	if len(compact) > maxData {
		return ErrTooLarge
	}
	ev.Data = compact
	return nil
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,63}$`)

// checkName accepts the names that every client can look up. The 2013 client does
// so in plain objects, where "constructor" is always found: of what
// Object.prototype holds, the only name that the pattern lets through.
func checkName(what, name string) error {
	if !namePattern.MatchString(name) || name == "constructor" {
		return fmt.Errorf("hub: %s name %.70q, want 1 to 64 of a-z 0-9 _ . - beginning with a letter", what, name)
	}
	return nil
}
