package hub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"
)

// Event is one event of a channel.
type Event struct {
	Name string          // what happened: "create"
	Key  string          // what it happened to; not sent to clients, may be empty
	Data json.RawMessage // one JSON value; {} if empty

	// Erase makes this event a tombstone: it replaces every earlier event with its Key,
	// at their offsets, so that none of those is ever sent again.
	Erase bool

	Position Position // given by the log
}

// ErrTooLarge is returned for an event whose data is over 16 KiB.
var ErrTooLarge = errors.New("hub: event data over 16 KiB")

const maxData = 16 << 10

// prepare checks the event and brings its data into the form of the wire.
func (ev *Event) prepare() error {
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
	data, err := compact(ev.Data)
	if err != nil {
		return fmt.Errorf("hub: data of %s: %w", ev.Name, err)
	}
	if len(data) > maxData {
		return ErrTooLarge
	}
	ev.Data = data
	return nil
}

// compact returns the data on one line, with <, > and & escaped, in valid UTF-8: a
// browser would close the connection on any other. null becomes {}, as the client of
// 2013 passes all attributes instead of null data to its callback.
func compact(data json.RawMessage) (json.RawMessage, error) {
	if len(data) == 0 {
		data = json.RawMessage("null")
	}
	line, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	if string(line) == "null" {
		return json.RawMessage("{}"), nil
	}
	if !utf8.Valid(line) {
		line = bytes.ToValidUTF8(line, []byte("\uFFFD"))
	}
	return line, nil
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,63}$`)

// checkName accepts the names that every client can look up. The client of 2013 looks
// them up in plain objects, which inherit from Object.prototype; its only property whose
// name the pattern accepts is "constructor".
func checkName(what, name string) error {
	if !namePattern.MatchString(name) || name == "constructor" {
		return fmt.Errorf("hub: %s name %.70q, want 1 to 64 of a-z 0-9 _ . - beginning with a letter", what, name)
	}
	return nil
}
