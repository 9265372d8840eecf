package hub

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// clientFrame is a frame as a client sends it, with a mask.
func clientFrame(first byte, payload string) []byte {
	b := appendHeader(nil, first, len(payload))
	b[0], b[1] = first, b[1]|0x80
	b = append(b, 1, 2, 3, 4)
	for i := range len(payload) {
		b = append(b, payload[i]^byte(i%4+1))
	}
	return b
}

// heard returns what a hub sends to a client whose bytes said arrive in pieces of these sizes.
// The last piece is the rest of said.
func heard(said []byte, sizes ...int) []byte {
	h := New(Options{Limits: Limits{Messages: 1 << 20}})
	h.Channel("streaming").log.Load().epoch = "e"
	h.secret = "" // makes tokens the same each time
	s := &sink{over: make(chan struct{})}
	c := h.newConn(s, netip.Prefix{})
	h.open.Add(1)
	h.serve(c)
	said = bytes.Clone(said)
	for _, size := range sizes {
		size = min(size, len(said))
		c.onBytes(said[:size:size])
		said = said[size:]
	}
	if len(said) > 0 {
		c.onBytes(said)
	}
	c.mu.Lock()
	idle := c.in.partial == nil && c.in.message == nil
	c.mu.Unlock()
	c.onPeerClosed()
	h.open.Wait()
	h.work.Wait()
	if s.mu.Lock(); !idle {
		s.taken = append(s.taken, "…"...)
	}
	defer s.mu.Unlock()
	return s.taken
}

// talks are valid and invalid byte sequences that clients send.
var talks = map[string][]byte{
	"a subscription": clientFrame(0x81, `["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"}}]`),
	"two events":     append(clientFrame(0x81, `["a",{"id":1}]`), clientFrame(0x81, `["b",{"id":2}]`)...),
	"fragments and a ping": bytes.Join([][]byte{
		clientFrame(0x01, `["流`), clientFrame(0x89, "p"), clientFrame(0x00, `れ",`), clientFrame(0x80, `{"id":3}]`)}, nil),
	"a long one and a close": append(clientFrame(0x81, `["a",{"id":"`+string(bytes.Repeat([]byte("x"), 300))+`"}]`), clientFrame(0x88, "\x03\xe8bye")...),
	"no mask":                {0x81, 2, 'h', 'i'},
	"too long":               clientFrame(0x81, string(bytes.Repeat([]byte("x"), 5000))),
	"half a frame":           clientFrame(0x81, `["a",{"id":1}]`)[:9],
	"half a message":         clientFrame(0x01, `["a",`),
	"out of order":           clientFrame(0x80, "x"),
}

// The network can divide a client's bytes anywhere. The hub's replies must not depend on that.
func TestReader_GivesTheSameRepliesHoweverBytesAreDivided(t *testing.T) {
	random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for name, said := range talks {
		want := heard(said)
		for range 50 {
			var sizes []int
			for left := len(said); left > 0; left -= sizes[len(sizes)-1] {
				sizes = append(sizes, 1+random.IntN(max(1, min(left, 1<<random.IntN(10)))))
			}
			if got := heard(said, sizes...); !bytes.Equal(got, want) {
				t.Fatalf("%s, in pieces of %d:\ngot  %q\nwant %q", name, sizes, got, want)
			}
		}
	}
}

// FuzzFrames makes a client send any bytes, divided anywhere.
func FuzzFrames(f *testing.F) {
	for _, said := range talks {
		f.Add(said, 1, 7)
	}
	f.Fuzz(func(t *testing.T, said []byte, first, second int) {
		if got, want := heard(said, max(first, 0), max(second, 0)), heard(said); !bytes.Equal(got, want) {
			t.Errorf("in pieces of %d and %d:\ngot  %q\nwant %q", first, second, got, want)
		}
	})
}
