package hub_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMembers_CarryOutOrders is the main function of a process of a crowd: it reads orders
// from standard input.
func TestMembers_CarryOutOrders(t *testing.T) {
	if os.Getenv(membersVariable) == "" {
		return // this is not a process of a crowd
	}
	m := members{t: t}
	orders, reports := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var o order
		if err := orders.Decode(&o); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if err := reports.Encode(m.do(o)); err != nil {
			t.Fatal(err)
		}
	}
}

// members are the clients of one process.
type members struct {
	t   *testing.T
	all []*member
}

func (m *members) do(o order) report {
	var err error
	switch o.Do {
	case "join":
		for range o.N {
			m.all = append(m.all, m.join(o))
		}
	case "read": // up to the event with the offset N
		err = m.each(func(one *member) error { return one.read(uint64(o.N)) })
	case "take": // N events
		err = m.each(func(one *member) error { return one.take(o.N) })
	case "end": // read to the end, after the hub has ended the connections
		err = m.each((*member).end)
	case "leave":
		err = m.leave(len(m.all))
	case "churn":
		err = m.churn(o)
	default:
		err = errors.New("unknown order")
	}
	return m.report(o, err)
}

func (m *members) report(o order, err error) report {
	r := report{Took: took{}}
	for _, one := range m.all {
		r.Received += one.received
		r.Missing += one.missing
		r.Gaps += one.gaps
		for _, tenths := range one.took {
			r.Took[tenths]++
		}
		one.took = one.took[:0]
	}
	if err != nil {
		r.Wrong = o.Do + ": " + err.Error()
	}
	return r
}

// each calls do for all members at once, and returns the first error.
func (m *members) each(do func(*member) error) error {
	wrong := make([]error, len(m.all))
	var all sync.WaitGroup
	for i, one := range m.all {
		all.Go(func() {
			if err := do(one); err != nil {
				wrong[i] = fmt.Errorf("member %d at %d: %w", i, one.at, err)
			}
		})
	}
	all.Wait()
	for _, err := range wrong {
		if err != nil {
			return err
		}
	}
	return nil
}

// join adds a member.
func (m *members) join(o order) *member {
	m.t.Helper()
	one := &member{client: (&world{t: m.t, dial: o.dial}).join()}
	one.patience = time.Minute
	one.send(subscribe)
	one.expect(token)
	var position struct{ Offset uint64 }
	if err := json.Unmarshal(one.event().Data, &position); err != nil {
		m.t.Fatal(err)
	}
	one.start, one.at = position.Offset, position.Offset
	return one
}

// dial connects from the address of the order.
func (o order) dial() (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, o.From)}}
	if o.Room > 0 {
		d.Control = func(_, _ string, raw syscall.RawConn) error { return set(raw, syscall.SO_RCVBUF, o.Room) }
	}
	return d.Dial("tcp", o.To)
}
