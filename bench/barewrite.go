package main

import (
	"net"
	"time"
)

// bareWrite returns the time in µs that a plain write of one message to an idle loopback
// connection takes. Every server has to spend at least this time, so it shows how fast the
// machine is at the moment.
func bareWrite(on []int) (micros float64, err error) {
	var took time.Duration
	err = pinned(on, func() error { took, err = timeWrites(); return err })
	return took.Seconds() * 1e6, err
}

func timeWrites() (time.Duration, error) {
	const connections, each = 200, 20
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	var writers []net.Conn
	for range connections {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return 0, err
		}
		defer c.Close()
		w, err := l.Accept()
		if err != nil {
			return 0, err
		}
		defer w.Close()
		writers = append(writers, w)
	}
	frame := newMessage("1700000000000000000").frame()
	start := time.Now()
	for range each {
		for _, w := range writers {
			if _, err := w.Write(frame); err != nil { // no one reads; the socket buffers are large enough
				return 0, err
			}
		}
	}
	return time.Since(start) / (connections * each), nil
}
