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
)

// keepAlive is the heartbeat of a stream, which its readers ignore.
var keepAlive = [forms][]byte{eventForm: []byte(":\n\n"), lineForm: []byte("\n")}

// encode writes an event, and says where its data begins. An event without a position is
// a notice to one connection, and not part of a log. With a position, the forms are:
//
//	[["create",{"channel":"streaming","data":{…},"offset":42,"epoch":"lz4k2"}]]
//	{"event":"create","channel":"streaming","data":{…},"offset":42,"epoch":"lz4k2"}
//
// A Server-Sent Event has the lines id: lz4k2:42, event: create, data: {…}. The channel,
// the name and the epoch need no escaping, and the data is valid JSON on one line:
// Publish has checked.
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

// entry is an event in a log, with its encoded forms, each made once for all readers:
// the WebSocket frame with the entry, another form when the first reader asks for it.
// The bytes are never changed, so readers may keep the slices: a later event that rewrites
// this one has the forms encoded anew.
type entry struct {
	// Set by newEntry, never changed.
	channel string

	// Guarded by the log's mu.
	event  Event  // its Data is a part of the frame, or of a later event's
	size   int    // bytes of the frame, give or take those of its header
	before uint64 // offset of the previous event with the same Key, which may not be held any more

	// Safe for all that hold the log's mu at least for reading.
	cache [forms]atomic.Pointer[[]byte]
}

// newEntry makes the entry of an event that has its position.
func newEntry(channel string, ev Event) *entry {
	frame, data := webSocketForm.encode(channel, ev)
	ev.Data = frame[data : data+len(ev.Data) : data+len(ev.Data)]
	e := &entry{channel: channel, event: ev, size: len(frame)}
	e.cache[webSocketForm].Store(&frame)
	return e
}

// rewrite has the entry sent as newer leaves it, and returns by how much that makes it
// larger. Nothing is encoded before a reader asks for it. The log's mu is held.
func (e *entry) rewrite(newer Event) (growth int) {
	ev := e.event.RewrittenBy(newer)
	growth = len(ev.Name) + len(ev.Data) - len(e.event.Name) - len(e.event.Data)
	e.event, e.size = ev, e.size+growth
	for f := range e.cache {
		if cached := &e.cache[f]; cached.Load() != nil { // a load costs less than a store
			cached.Store(nil)
		}
	}
	return growth
}

// encoded returns the event in a form.
func (e *entry) encoded(f form) []byte {
	cached := e.cache[f].Load()
	if cached == nil {
		b, _ := f.encode(e.channel, e.event)
		cached = &b
		e.cache[f].Store(cached) // two readers at once store the same bytes
	}
	return *cached
}
