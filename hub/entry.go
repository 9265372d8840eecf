package hub

import (
	"encoding/json"
	"strconv"
	"sync/atomic"
)

// form is how an event is encoded.
type form uint8

const (
	webSocketForm form = iota // a WebSocket frame
	eventForm                 // Server-Sent Events, WHATWG HTML, section 9.2
	lineForm                  // a line of JSON
	forms
	heldForm = forms // as a Held encodes events
)

// keepAlive is the heartbeat of a stream, a comment or an empty line, which clients ignore.
var keepAlive = [forms][]byte{eventForm: []byte(":\n\n"), lineForm: []byte("\n")}

// encode returns the event in the form f, and the index at which the event's data begins.
// An event without a position is a notice to one connection, and not part of a log. An
// event with a position looks like this as a WebSocket message and as a line:
//
//	[["create",{"channel":"streaming","data":{…},"offset":42,"epoch":"lz4k2"}]]
//	{"event":"create","channel":"streaming","data":{…},"offset":42,"epoch":"lz4k2"}
//
// A Server-Sent Event has the lines id: lz4k2:42, event: create, data: {…}. The channel, the
// name and the epoch need no escaping, because their syntax was checked. The data was made
// valid JSON on one line by prepare.
func (f form) encode(channel string, ev Event) (b []byte, data int) {
	head, where, tail := "", "", ""
	if p := ev.Position; p.Epoch != "" {
		head = "id: " + p.String() + "\n"
		where = `"channel":"` + channel + `",`
		tail = `,"offset":` + strconv.FormatUint(p.Offset, 10) + `,"epoch":"` + p.Epoch + `"`
	}
	switch f {
	case webSocketForm:
		head, tail = `[["`+ev.Name+`",{`+where+`"data":`, tail+"}]]"
	case eventForm:
		head, tail = head+"event: "+ev.Name+"\ndata: ", "\n\n"
	case lineForm:
		head, tail = `{"event":"`+ev.Name+`",`+where+`"data":`, tail+"}\n"
	}
	size := len(head) + len(ev.Data) + len(tail)
	b = make([]byte, 0, maxHeader+size)
	if f == webSocketForm {
		b = appendHeader(b, opText, size)
	}
	data = len(b) + len(head)
	return append(append(append(b, head...), ev.Data...), tail...), data
}

// message encodes a notice to one connection.
func (f form) message(name string, data any) []byte {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // the hub's own types always encode
	}
	b, _ := f.encode("", Event{Name: name, Data: raw})
	return b
}

// entry is an event in a log, with its encoded forms. Each form is encoded once for all
// readers: the WebSocket frame when the entry is made, another form when the first reader
// needs it. The encoded bytes are never changed, so readers can keep the slices. If a later
// event rewrites this one, the forms are encoded anew.
type entry struct {
	// Set by newEntry, never changed.
	channel string

	// Guarded by the log's mu.
	event   Event  // its Data shares memory with the entry's frame, or with that of the event that rewrote it
	size    int    // bytes of the WebSocket frame and of the Index; after a rewrite, inexact by the few bytes of its header
	before  uint64 // offset of the previous event with the same Key, even if the log has dropped that event; 0 if none
	version uint64 // changes with the event; of all entries of a channel with the same offset, each has another one

	// Safe for concurrent use while the log's mu is held, for reading or for writing.
	cache [forms]atomic.Pointer[[]byte]
}

// newEntry makes the entry of an event that has its position.
func newEntry(channel string, ev Event) *entry {
	frame, data := webSocketForm.encode(channel, ev)
	ev.Data = frame[data : data+len(ev.Data) : data+len(ev.Data)]
	e := &entry{channel: channel, event: ev, size: len(frame) + ev.Index.size()}
	e.cache[webSocketForm].Store(&frame)
	return e
}

// rewrite replaces the entry's event by the state that newer, a later event of the same
// record, gives it. It returns by how many bytes the entry grows. The new state is encoded
// only once a reader needs it. The log's mu is held.
func (e *entry) rewrite(newer Event) (growth int) {
	ev := e.event.RewrittenBy(newer)
	growth = len(ev.Name) + len(ev.Data) + ev.Index.size() - len(e.event.Name) - len(e.event.Data) - e.event.Index.size()
	e.event, e.size = ev, e.size+growth
	for f := range e.cache {
		if cached := &e.cache[f]; cached.Load() != nil { // a load costs less than a store
			cached.Store(nil)
		}
	}
	return growth
}

// encoded returns the event in the form f.
func (e *entry) encoded(f form) []byte {
	cached := e.cache[f].Load()
	if cached == nil {
		b, _ := f.encode(e.channel, e.event)
		cached = &b
		e.cache[f].Store(cached) // if two readers do this at once, both store the same bytes
	}
	return *cached
}
