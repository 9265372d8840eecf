package hub_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"nagare/hub"
)

// floods are what malicious clients send: some first bytes, and then others without end.
var floods = map[string]struct{ begin, again []byte }{
	"empty continuations": {masked(text, []byte(`["a",`)), masked(continuation, nil)},
	"continuations":       {masked(text, []byte(`["a",`)), masked(continuation, []byte("x"))},
	"pings":               {nil, masked(final|ping, []byte("p"))},
	"pings in a message":  {masked(text, []byte(`["a",`)), masked(final|ping, nil)},
	"pongs":               {nil, masked(final|pong, nil)},
	"messages":            {nil, masked(final|text, []byte(`["a",{}]`))},
	"empty messages":      {nil, masked(final|text, nil)},
	"messages in binary":  {nil, masked(final|binaryData, nil)},
	"closes":              {nil, masked(final|closing, nil)},
}

// The hub must stop reading a flood, which would otherwise use up a processor.
func TestLimits_EndlessBytesEndTheConnection(t *testing.T) {
	for name, flood := range floods {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) { w.flood(flood.begin, flood.again, 128<<10) })
			w := overTCP(t, hub.Options{})
			w.flood(flood.begin, flood.again, 32<<20) // most of these bytes only fill the kernel's buffers
			w.expectConnections(t, 0)
		})
	}
}

// flood writes until the connection ends, which must be soon, and before most bytes were
// accepted.
func (w *world) flood(begin, again []byte, most int) {
	w.t.Helper()
	c := w.join()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		io.Copy(io.Discard, c.r)
	}()
	begun := time.Now()
	c.conn.SetDeadline(begun.Add(20 * time.Second))
	c.conn.Write(begin)
	taken, chunk := 0, bytes.Repeat(again, 1000)
	for err := error(nil); err == nil && taken <= most; {
		var n int
		n, err = c.conn.Write(chunk)
		taken += n
	}
	c.leave()
	<-drained
	if took := time.Since(begun); taken > most || took > 8*time.Second {
		w.t.Fatalf("%d bytes were taken in %v", taken, took)
	}
}
