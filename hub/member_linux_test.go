package hub_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// member is a client that checks only the order and the age of events, so that a process can
// have thousands of members.
type member struct {
	*client
	start, at               uint64 // offsets: where the member began, and its newest event
	received, missing, gaps int
	took                    []int // tenths of a millisecond, since the last report
}

// read reads up to the event with the offset to.
func (m *member) read(to uint64) error {
	for m.at < to {
		if err := m.step(); err != nil {
			return err
		}
	}
	if sum := m.start + uint64(m.received+m.missing); m.at != to || sum != to {
		return fmt.Errorf("%d received and %d missing since %d, want %d", m.received, m.missing, m.start, to)
	}
	return nil
}

// take reads so many events.
func (m *member) take(events int) error {
	for enough := m.received + events; m.received < enough; {
		if err := m.step(); err != nil {
			return err
		}
	}
	return nil
}

// end reads until the connection ends.
func (m *member) end() error {
	var err error
	for err == nil {
		_, _, err = m.client.read()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil
}

// goodbye does the closing handshake of RFC 6455.
func (m *member) goodbye() error {
	m.frame(final|closing, []byte{1000 >> 8, 1000 & 0xFF})
	for {
		if op, _, err := m.client.read(); op == closing || err != nil {
			return err
		}
	}
}

var (
	anyEvent = []byte(`[["create",{"channel":"streaming","data":`)
	stamped  = []byte(`{"at":`)
	anyGap   = []byte(`[["stream.gap",`)
	anyPing  = []byte(`[["websocket_rails.ping",`)
)

// step reads one frame and counts the event or the gap in it.
func (m *member) step() error {
	op, payload, err := m.client.read()
	switch {
	case err != nil:
		return err
	case op == ping:
		_, err := m.conn.Write(masked(final|pong, payload))
		return err
	case op == text && bytes.HasPrefix(payload, anyEvent):
		return m.created(payload)
	case op == text && bytes.HasPrefix(payload, anyGap):
		return m.gap(string(payload))
	case op == text && bytes.HasPrefix(payload, anyPing):
		return nil
	}
	return fmt.Errorf("got a frame of opcode %d, %.200q", op, payload)
}

func (m *member) created(payload []byte) error {
	if data, ok := bytes.CutPrefix(payload[len(anyEvent):], stamped); ok {
		at, err := leadingNumber(data)
		if err != nil {
			return err
		}
		m.took = append(m.took, int(time.Since(time.Unix(0, int64(at)))/(time.Millisecond/10)))
	}
	name := []byte(`,"offset":`)
	offset, err := leadingNumber(payload[bytes.LastIndex(payload, name)+len(name):])
	if err != nil || offset != m.at+1 {
		return fmt.Errorf("got the event at %d, %v, want the one at %d", offset, err, m.at+1)
	}
	m.at = offset
	m.received++
	return nil
}

// leadingNumber reads the number that b begins with, up to a comma.
func leadingNumber(b []byte) (uint64, error) {
	digits, _, _ := bytes.Cut(b, []byte(","))
	return strconv.ParseUint(string(digits), 10, 64)
}

func (m *member) gap(message string) error {
	ev, err := parse(message)
	var gap struct{ From, To uint64 }
	if err := errors.Join(err, json.Unmarshal(ev.Data, &gap)); err != nil {
		return err
	}
	if gap.From != m.at+1 || gap.To < gap.From || ev.Offset != gap.To {
		return fmt.Errorf("got %s at %d", message, m.at)
	}
	m.missing += int(gap.To - m.at)
	m.at = gap.To
	m.gaps++
	return nil
}
