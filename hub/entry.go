package hub

import (
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

// entry is an event in a log, with the bytes that carry it: made once for all
// readers, for a form that is not WebSocket's when the first one asks. What has
// been made is never written again, so readers may keep the slices.
type entry struct {
	event   Event
	channel string
	made    [forms]atomic.Pointer[[]byte]
}

// newEntry makes the entry of an event that has its place. The entry's Data is
// a part of its frame.
func newEntry(channel string, ev Event) *entry {
	e := &entry{event: ev, channel: channel}
	frame, data := e.frame()
	e.event.Data = data
	e.made[socketForm].Store(&frame)
	return e
}

func (e *entry) size() int { return len(e.in(socketForm)) }

// in returns the event as it is written in a form.
func (e *entry) in(f form) []byte {
	if made := e.made[f].Load(); made != nil {
		return *made
	}
	var b []byte
	if f == eventForm {
		b = e.record()
	} else {
		b = e.line()
	}
	e.made[f].Store(&b) // two readers may both make it: it is the same
	return b
}

// frame makes the WebSocket frame:
//
//	[["create",{"channel":"streaming","data":{…},"offset":42,"epoch":"lz4k2"}]]
//
// The channel, the name and the epoch are of letters that JSON need not escape,
// and the data is valid JSON on one line: Publish has seen to it.
func (e *entry) frame() (frame, data []byte) {
	head := `[["` + e.event.Name + `",{"channel":"` + e.channel + `","data":`
	tail := `,"offset":` + strconv.FormatUint(e.event.Place.Offset, 10) + `,"epoch":"` + e.event.Place.Epoch + `"}]]`
	frame = make([]byte, 0, 10+len(head)+len(e.event.Data)+len(tail))
	frame = appendHeader(frame, opText, len(head)+len(e.event.Data)+len(tail))
	frame = append(frame, head...)
	start := len(frame)
	frame = append(frame, e.event.Data...)
	data = frame[start:len(frame):len(frame)]
	return append(frame, tail...), data
}

// record makes the event of an event stream. Its id is the place.
func (e *entry) record() []byte {
	return []byte("id: " + e.event.Place.String() + "\nevent: " + e.event.Name + "\ndata: " + string(e.event.Data) + "\n\n")
}

// line makes the line of JSON.
func (e *entry) line() []byte {
	return []byte(`{"event":"` + e.event.Name + `","channel":"` + e.channel + `","data":` + string(e.event.Data) +
		`,"offset":` + strconv.FormatUint(e.event.Place.Offset, 10) + `,"epoch":"` + e.event.Place.Epoch + "\"}\n")
}
