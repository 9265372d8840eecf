package hub_test

import (
	"fmt"
	"io"
	"net"
	"time"
)

// leave disconnects the first n members, each in one of three ways.
func (m *members) leave(n int) error {
	for i, one := range m.all[:n] {
		switch i % 3 {
		case 0:
			if err := one.goodbye(); err != nil {
				return fmt.Errorf("member %d: %w", i, err)
			}
		case 1:
			one.conn.(*net.TCPConn).SetLinger(0)
		}
		one.conn.Close()
	}
	m.all = m.all[n:]
	return nil
}

const (
	perSecond = 100 // clients that connect each second of a churn
	stay      = 50  // clients that are connected at a time
)

// churn connects and disconnects o.N clients, one each hundredth of a second. Some of the
// clients disconnect before the handshake, or during it.
func (m *members) churn(o order) error {
	next := time.NewTicker(time.Second / perSecond)
	defer next.Stop()
	for i := range o.N {
		<-next.C
		if i%5 == 4 {
			if err := o.abandon(i%2 == 0); err != nil {
				return err
			}
			continue
		}
		m.all = append(m.all, m.join(o))
		if len(m.all) > stay {
			if err := m.leave(1 + i%3); err != nil {
				return err
			}
		}
	}
	return m.leave(len(m.all))
}

const wantsSocket = "GET /websocket HTTP/1.1\r\nHost: example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"

// abandon connects, and disconnects before the handshake is done.
func (o order) abandon(silently bool) error {
	conn, err := o.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if !silently {
		_, err = io.WriteString(conn, wantsSocket)
	}
	return err
}
