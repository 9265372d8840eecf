package lines

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// ErrLongEvent says that one event was longer than MaxLine. The next call of Next continues
// after that event.
var ErrLongEvent = errors.New("event too long")

// Event is a Server-Sent Event.
type Event struct {
	Name string // "message" if the server gave none
	Data []byte // valid until the next call of Next
}

// EventReader reads Server-Sent Events by the HTML standard, section 9.2.6. It ignores ids and
// retry times, which none of our networks send. It keeps at most MaxLine bytes of an event in
// memory, and drops the rest while reading.
type EventReader struct {
	in      *bufio.Reader
	begun   bool   // the beginning, with a possible byte order mark, has been read
	cr      bool   // the last line ended with a carriage return; a line feed that follows belongs to it
	line    []byte // reused by the next line
	data    []byte // data of the current event, with a line feed after each line
	name    string
	tooLong bool // the current event is over the limit

	Known int // number of lines so far that are comments or known fields
}

// NewEventReader makes a reader of the events in r.
func NewEventReader(r io.Reader) *EventReader {
	return &EventReader{in: bufio.NewReaderSize(r, 64<<10)}
}

// Next returns the next event that has data. An event that is incomplete at the end of the
// stream is dropped.
func (s *EventReader) Next() (Event, error) {
	s.name, s.data, s.tooLong = "", s.data[:0], false
	for {
		err := s.readLine()
		switch {
		case errors.Is(err, ErrLongLine):
			s.tooLong = true
		case err != nil:
			return Event{}, err
		case len(s.line) > 0:
			s.field()
		case s.tooLong:
			return Event{}, ErrLongEvent
		case len(s.data) > 0:
			name := s.name
			if name == "" {
				name = "message"
			}
			return Event{name, s.data[:len(s.data)-1]}, nil
		default:
			s.name = ""
		}
	}
}

// field applies one line to the current event. A line that begins with a colon is a comment,
// which servers send as a heartbeat.
func (s *EventReader) field() {
	name, value, _ := bytes.Cut(s.line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "", "event", "data", "id", "retry":
		s.Known++
	}
	switch string(name) {
	case "event":
		s.name = string(value[:min(len(value), 64)])
	case "data":
		if s.tooLong = s.tooLong || len(s.data)+len(value) > MaxLine; !s.tooLong {
			s.data = append(append(s.data, value...), '\n')
		}
	}
}

// readLine reads a line, which ends with a line feed, a carriage return, or both. After a
// carriage return it doesn't wait for the line feed, because the server may send that much
// later.
func (s *EventReader) readLine() error {
	s.line = s.line[:0]
	tooLong := false
	for {
		chunk, err := s.buffered()
		if err != nil {
			return err
		}
		end := bytes.IndexAny(chunk, "\r\n")
		text := chunk
		if end >= 0 {
			text = chunk[:end]
		}
		if tooLong = tooLong || len(s.line)+len(text) > MaxLine; !tooLong {
			s.line = append(s.line, text...)
		}
		if end < 0 {
			s.in.Discard(len(chunk))
			continue
		}
		s.cr = chunk[end] == '\r'
		s.in.Discard(end + 1)
		if tooLong {
			return ErrLongLine
		}
		return nil
	}
}

// buffered returns the bytes that have arrived, at least one. It skips a line feed that
// belongs to the last line.
func (s *EventReader) buffered() ([]byte, error) {
	if !s.begun {
		s.begun = true
		if mark, _ := s.in.Peek(3); string(mark) == "\ufeff" {
			s.in.Discard(len(mark))
		}
	}
	for {
		if _, err := s.in.Peek(1); err != nil {
			return nil, err
		}
		chunk, _ := s.in.Peek(s.in.Buffered())
		if !s.cr || chunk[0] != '\n' {
			s.cr = false
			return chunk, nil
		}
		s.cr = false
		s.in.Discard(1)
	}
}
