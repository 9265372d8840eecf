package hub_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nagare/hub"
)

// hostile is a client that sends valid and malformed frames at random.
type hostile struct {
	w      *world
	random *rand.Rand // seeded with the flag -seed and the number of the connection
}

// visit makes a connection, sends up to twelve groups of frames, and reads until the hub
// closes. The client closes its side after the last frame, so the hub closes at once.
func (h *hostile) visit() (frames int, err error) {
	c, err := h.connect()
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	said := h.words()
	go func() {
		defer close(c.written)
		for _, words := range said {
			cut := h.random.IntN(len(words) + 1)
			c.conn.Write(words[:cut])
			c.conn.Write(words[cut:])
		}
		if tcp := c.conn.(*net.TCPConn); h.random.IntN(8) == 0 {
			tcp.SetLinger(0)
			tcp.Close()
		} else {
			tcp.CloseWrite()
		}
	}()
	err = c.listen()
	<-c.written
	return len(said), err
}

func (h *hostile) connect() (*client, error) {
	conn, err := h.w.dial()
	if err != nil {
		return nil, err
	}
	conn.(*net.TCPConn).SetLinger(0) // so that the port is free at once
	c := &client{w: h.w, conn: conn, r: bufio.NewReader(conn), patience: 10 * time.Second, written: make(chan struct{})}
	fmt.Fprint(conn, "GET /websocket HTTP/1.1\r\nHost: example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	for line := ""; line != "\r\n"; {
		if line, err = c.r.ReadString('\n'); err != nil {
			conn.Close()
			return nil, fmt.Errorf("handshake: %w", err)
		}
	}
	return c, nil
}

// words returns some frames, of which one in three is malformed. The hub can ignore everything
// after a malformed frame.
func (h *hostile) words() (said [][]byte) {
	for range 1 + h.random.IntN(12) {
		for _, frame := range honest(h.random) {
			if h.random.IntN(3) == 0 {
				frame = mutations[h.random.IntN(len(mutations))](frame, h.random)
			}
			said = append(said, frame)
		}
	}
	return said
}

// listen reads until the connection ends. Whatever the client has sent, the hub sends
// complete and valid frames, and nothing after a close frame.
func (c *client) listen() error {
	for closed := false; ; {
		op, payload, err := c.read()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return errors.New("the connection does not end")
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("the last frame is cut short: %w", err)
		case err == io.EOF, isReset(err):
			return nil
		case err != nil:
			return err
		case closed:
			return fmt.Errorf("after the close: opcode %d, %q", op, payload)
		}
		closed = op == closing
		if err := sensible(op, payload); err != nil {
			return fmt.Errorf("opcode %d, %q: %w", op, payload, err)
		}
	}
}

// isReset reports whether a connection was reset, as by closing a socket with unread bytes.
func isReset(err error) bool {
	var broken *net.OpError
	return errors.As(err, &broken) && !broken.Timeout()
}

// sensible checks a frame from the hub, as far as this is possible without knowing the request.
func sensible(op byte, payload []byte) error {
	switch op {
	case closing, ping, pong:
		if len(payload) > 125 {
			return errors.New("too long for a control frame")
		}
		return nil
	case text:
		ev, err := parse(string(payload))
		var failure struct{ Error, Reason string }
		json.Unmarshal(ev.Data, &failure)
		if failure.Error != "" && (!mistakes[failure.Error] || internals.MatchString(failure.Reason)) {
			return errors.New("says more than it may")
		}
		if bytes.Contains(payload, []byte(`"text"`)) && ev.name == "create" && ev.Offset > 0 {
			return errors.New("a client has published")
		}
		return err
	}
	return errors.New("nothing that a server sends")
}

func TestHostile_MutatedFramesHarmNoOtherClient(t *testing.T) {
	frames := 20_000 * *scale
	if testing.Short() {
		frames = 1000
	}
	w := overTCP(t, hub.Options{Limits: hub.Limits{Handshakes: 1 << 30}})
	healthy := &journey{address: w.both(), epoch: w.Channel("streaming").Tip().Epoch}
	healthy.send(1, visitSocket)
	healthy.publish(w, w.crowdOfHostiles(t, 1000)) // warms up caches and pools
	w.expectConnections(t, 0)

	goroutines, before := runtime.NumGoroutine(), settledHeap()
	healthy.send(1, visitSocket)
	healthy.publish(w, w.crowdOfHostiles(t, frames))
	for _, v := range healthy.travellers {
		if v.wrong != nil || v.links.Load() != 1 {
			t.Errorf("the healthy client, on its connection %d: %v", v.links.Load(), v.wrong)
		}
	}
	w.expectConnections(t, 0)
	for begun := time.Now(); runtime.NumGoroutine() > goroutines; runtime.Gosched() {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("%d goroutines, before it were %d", runtime.NumGoroutine(), goroutines)
		}
	}
	if grown := settledHeap() - before; grown > 2<<20 {
		t.Errorf("the heap has grown by %d KiB", grown>>10)
	}
}

// crowdOfHostiles runs eight hostile clients at a time until so many frames are sent. The
// returned function over reports whether all of them have ended.
func (w *world) crowdOfHostiles(t *testing.T, frames int) (over func() bool) {
	begun := time.Now()
	var connections, said, finished atomic.Int64
	var all sync.WaitGroup
	t.Cleanup(all.Wait) // even if the test ends before the clients
	for range 8 {
		all.Go(func() {
			defer finished.Add(1)
			for said.Load() < int64(frames) {
				n := uint64(connections.Add(1))
				h := &hostile{w, rand.New(rand.NewPCG(*seed, n))}
				some, err := h.visit()
				if said.Add(int64(some)); err != nil {
					t.Errorf("-seed %d, connection %d: %v", *seed, n, err)
					return
				}
			}
		})
	}
	return func() bool {
		if finished.Load() < 8 {
			return false
		}
		t.Logf("%d frames on %d connections in %v", said.Load(), connections.Load(), time.Since(begun).Round(time.Millisecond))
		return true
	}
}

// expectConnections waits until the hub counts so many connections.
func (w *world) expectConnections(t *testing.T, want int64) {
	t.Helper()
	for begun := time.Now(); w.Stats().Connections != want; runtime.Gosched() {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("%d connections, want %d", w.Stats().Connections, want)
		}
	}
}

// settledHeap is the heap in use after two garbage collections, which together also empty the
// sync.Pools.
func settledHeap() int64 {
	heap()
	return heap()
}
