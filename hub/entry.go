package hub

import (
	"encoding/json"
	"strconv"
	"sync/atomic"
)

// form is how an event is written.
type form uint8

const (
	socketForm form = iota // a WebSocket frame
	eventForm              // Server-Sent Events, WHATWG HTML, section 9.2
	lineForm               // a line of JSON
	forms
)

// nothing is what keeps a stream from being silent.
var nothing = [forms][]byte{eventForm: []byte(":\n\n"), lineForm: []byte("\n")}

// encode writes an event, and says where its data begins. Without a position it is no part
// of a log. With one, the forms are:
//
//	[["create",{"channel":"streaming","data":{…},"offset":42,"epoch":"lz4k2"}]]
//	{"event":"create","channel":"streaming","data":{…},"offset":42,"epoch":"lz4k2"}
//
// An event of a stream is the lines id: lz4k2:42, event: create, data: {…}. The channel,
// the name and the epoch are of letters that need no escaping, and the data is valid
// JSON on one line: Publish has seen to it.
func (f form) encode(channel string, ev Event) (b []byte, data int) {
	head, where, tail := "", "", ""
	if p := ev.Position; p.Epoch != "" {
		head = "id: " + p.String() + "\n"
		where = `"channel":"` + channel + `",`
		tail = `,"offset":` + strconv.FormatUint(p.Offset, 10) + `,"epoch":"` + p.Epoch + `"`
	}
	switch f {
	case socketForm:
		head, tail = `[["`+ev.Name+`",{`+where+`"data":`, tail+"}]]"
	case eventForm:
		head, tail = head+"event: "+ev.Name+"\ndata: ", "\n\n"
	case lineForm:
		head, tail = `{"event":"`+ev.Name+`",`+where+`"data":`, tail+"}\n"
	}
	size := len(head) + len(ev.Data) + len(tail)
	if b = make([]byte, 0, maxHeader+size); f == socketForm {
		b = appendHeader(b, opText, size)
	}
	data = len(b) + len(head)
	return append(append(append(b, head...), ev.Data...), tail...), data
}

// message makes an event that is no part of a log.
func (f form) message(name string, data any) []byte {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // our own types always encode
	}
	b, _ := f.encode("", Event{Name: name, Data: raw})
	return b
}

// entry is an event in a log, with the bytes that carry it: made once for all
// readers, for a form that is not WebSocket's when the first one asks. What has
// been made is never written again, so readers may keep the slices.
type entry struct {
	event   Event
	channel string
	made    [forms]atomic.Pointer[[]byte]
}

// newEntry makes the entry of an event that has its position. The entry's Data is
// a part of its frame.
func newEntry(channel string, ev Event) *entry {
	frame, data := socketForm.encode(channel, ev)
	ev.Data = frame[data : data+len(ev.Data) : data+len(ev.Data)]
	e := &entry{event: ev, channel: channel}
	e.made[socketForm].Store(&frame)
	return e
}

func (e *entry) size() int { return len(e.in(socketForm)) }

// in returns the event as it is written in a form.
func (e *entry) in(f form) []byte {
	made := e.made[f].Load()
	if made == nil {
		b, _ := f.encode(e.channel, e.event)
		made = &b
		e.made[f].Store(made) // two readers may both make it: it is the same
	}
	return *made
}
