package main

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// handshake is a connection during its handshake, when reads block.
type handshake struct {
	fd   int
	rest []byte // read and not yet processed
}

const upgradeRequest = "GET /websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"

func (h *handshake) do(p peer) error {
	if _, err := unix.Write(h.fd, []byte(upgradeRequest)); err != nil {
		return err
	}
	end := []byte("\r\n\r\n")
	for !bytes.Contains(h.rest, end) {
		if err := h.more(); err != nil {
			return err
		}
	}
	head, rest, _ := bytes.Cut(h.rest, end)
	if h.rest = rest; !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return fmt.Errorf("refused: %.100q", head)
	}
	if p.hello != "" {
		frame := append([]byte{0x81, 0x80 | byte(len(p.hello)), 0, 0, 0, 0}, p.hello...) // a mask of zeros changes nothing
		if _, err := unix.Write(h.fd, frame); err != nil {
			return err
		}
	}
	return h.await(p.ready)
}

// await reads frames until one contains the text.
func (h *handshake) await(ready string) error {
	for found := ready == ""; !found || len(h.rest) > 0; {
		frame, err := h.frame()
		if err != nil {
			return err
		}
		found = found || bytes.Contains(frame, []byte(ready))
	}
	return nil
}

// frame reads one frame.
func (h *handshake) frame() ([]byte, error) {
	for {
		for size := 2; size <= min(10, len(h.rest)); size++ {
			n, whole := frameLength(h.rest[:size])
			if whole && len(h.rest) >= size+n {
				frame := h.rest[:size+n]
				h.rest = h.rest[size+n:]
				return frame, nil
			} else if whole {
				break
			}
		}
		if err := h.more(); err != nil {
			return nil, err
		}
	}
}

func (h *handshake) more() error {
	buf := make([]byte, 4096)
	n, err := unix.Read(h.fd, buf)
	for err == unix.EINTR { // after a signal the kernel doesn't restart a read that has a timeout
		n, err = unix.Read(h.fd, buf)
	}
	if err == nil && n == 0 {
		err = errors.New("closed by the server")
	}
	h.rest = append(h.rest, buf[:max(n, 0)]...)
	return err
}
