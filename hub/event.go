package hub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"
)

// Event is one event of a channel.
type Event struct {
	Name string          // what happened: "create"
	Data json.RawMessage // one JSON value; {} if empty

	// Key names the record whose whole state is Data. Clients are not sent the Key. The event
	// rewrites all earlier events with the same Key: these keep their names and offsets, but
	// get the new Data, so that no earlier state is ever sent again. An event without a Key
	// rewrites nothing.
	Key string

	// Erase makes this event the tombstone of its record: the earlier events get the
	// tombstone's Name as well as its Data. A later event with the same Key begins a new
	// record.
	Erase bool

	// Once is for the first event of a record. A [Store] that knows the Key already, also as
	// that of an erased record, doesn't store the event again. A hub without a store ignores
	// Once.
	Once bool

	// Amends is for a later event of a record. If the newest event of the record is a tombstone, a
	// [Store] doesn't store the event, and its position is that of the tombstone: another process
	// has erased the record meanwhile. A hub without a store ignores Amends.
	Amends bool

	// Index is what a [Store] keeps of the record besides Data; nil: nothing. The log keeps only
	// what queries match. Clients are not sent it.
	Index *Index

	// Fence is the token of the lease under which the event was made, if there is one. A [Store]
	// refuses the event once another process has the lease. Set by the hub: see [WithFence].
	Fence string

	Position Position // set by the log
	encoded  bool     // Data is from Encode
	prepared bool     // by this process
}

// Encode sets Data to the JSON of v. Publishing the event is then cheaper than with Data from
// elsewhere, because only that is parsed. Data must not be changed afterwards.
func (ev *Event) Encode(v any) (err error) {
	ev.Data, err = json.Marshal(v)
	ev.encoded = err == nil
	return err
}

// Index is what a record is found by, and what the publisher needs to publish a later state of the
// record. Like Data, it stands for the whole record: each event of the record replaces it.
type Index struct {
	Names []string // further names of the record, and of what it shows: a search for one of them finds the record
	State []byte   // data of the publisher, which the hub only stores

	// What queries match.
	Text  string    // normalized text, without line ends
	Terms []string  // exact properties such as "lang:ja", sorted, each once, without line ends
	Time  time.Time // when the record was made; zero: the record is found only by its Key and Names
}

// searched returns the part of the Index that queries match, or nil if there is none.
func (ev *Event) searched() *Index {
	if x := ev.Index; x != nil && !ev.Erase && !x.Time.IsZero() {
		return &Index{Text: x.Text, Terms: x.Terms, Time: x.Time}
	}
	return nil
}

// size is the approximate number of bytes of the part that queries match.
func (x *Index) size() int {
	if x == nil {
		return 0
	}
	size := len(x.Text)
	for _, term := range x.Terms {
		size += len(term)
	}
	return size
}

// RewrittenBy returns what newer, a later event of the same channel, makes of this event. A
// [Store] applies it to the events that it keeps.
func (ev Event) RewrittenBy(newer Event) Event {
	if ev.Key != newer.Key || ev.Key == "" || ev.Erase {
		return ev
	}
	ev.Data, ev.encoded, ev.Erase, ev.Index = newer.Data, newer.encoded, newer.Erase, newer.Index
	if newer.Erase {
		ev.Name = newer.Name
	}
	return ev
}

// ErrTooLarge is returned for an event whose data is over 16 KiB.
var ErrTooLarge = errors.New("hub: event data over 16 KiB")

const maxData = 16 << 10

// prepare checks the event and compacts its data, unless that was done already.
func (ev *Event) prepare() error {
	if ev.prepared {
		return nil
	}
	if err := checkName("event", ev.Name); err != nil {
		return err
	}
	switch ev.Name {
	case "error", "message", "open":
		return fmt.Errorf("hub: event name %q, which an EventSource uses itself", ev.Name)
	}
	if ev.Erase && ev.Key == "" {
		return fmt.Errorf("hub: %s erases without a Key", ev.Name)
	}
	if err := ev.compact(); err != nil {
		return fmt.Errorf("hub: data of %s: %w", ev.Name, err)
	}
	if len(ev.Data) > maxData {
		return ErrTooLarge
	}
	ev.prepared = true
	return nil
}

// compact makes Data one line of valid UTF-8, with <, > and & escaped, as Encode does. A browser
// would close a connection that carries invalid UTF-8. Data that is null becomes {}, because
// the client of 2013 would pass its callback all attributes of the event in place of null.
func (ev *Event) compact() error {
	if !ev.encoded {
		if err := ev.Encode(ev.Data); err != nil {
			return err
		}
	}
	if string(ev.Data) == "null" {
		ev.Data = json.RawMessage("{}")
	}
	if !utf8.Valid(ev.Data) { // a json.Marshaler can return invalid UTF-8
		ev.Data = bytes.ToValidUTF8(ev.Data, []byte("\uFFFD"))
	}
	return nil
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,63}$`)

// checkName accepts the names that every client can look up. The client of 2013 looks names up
// in plain objects, which inherit from Object.prototype. Of the properties of
// Object.prototype, "constructor" is the only one whose name the pattern accepts.
func checkName(what, name string) error {
	if !namePattern.MatchString(name) || name == "constructor" {
		return fmt.Errorf("hub: %s name %.70q, want 1 to 64 of a-z 0-9 _ . - beginning with a letter", what, name)
	}
	return nil
}
