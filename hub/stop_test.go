package hub_test

import (
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"nagare/hub"
)

var retry = regexp.MustCompile(`"retry_ms":([0-9]+)`)

// end reads until the connection ends, and answers the close frame. It returns the close code,
// when that arrived, and how long the client should wait before it reconnects.
func (c *client) end() (code int, closed time.Time, wait time.Duration) {
	c.patience = time.Minute
	for {
		op, payload, err := c.read()
		switch found := retry.FindSubmatch(payload); {
		case err != nil:
			return code, closed, wait
		case op == closing && len(payload) > 1:
			code, closed = int(payload[0])<<8|int(payload[1]), time.Now()
			c.frame(final|closing, payload[:2])
		case found != nil:
			ms, _ := strconv.Atoi(string(found[1]))
			wait = time.Duration(ms) * time.Millisecond
		}
	}
}

// Connections are closed one after another, so that the clients don't all reconnect at the
// same moment.
func TestStop_SpreadsTheClosingOverTheDrainTime(t *testing.T) {
	for _, test := range []struct {
		clients int
		drain   time.Duration
		want    time.Duration
	}{
		{600, 0, 2 * time.Second}, // 300 a second, the drain rate
		{600, time.Second, time.Second},
		{3, 0, 10 * time.Millisecond},
	} {
		bubble(t, func(t *testing.T, _ *world) {
			w := overPipe(t, hub.Options{Drain: test.drain})
			var all sync.WaitGroup
			var mu sync.Mutex
			var last time.Time
			var longest time.Duration
			for range test.clients {
				c := w.join()
				all.Go(func() {
					code, closed, wait := c.end()
					mu.Lock()
					defer mu.Unlock()
					if longest = max(longest, wait); code != 1012 {
						t.Errorf("closed with %d, want 1012", code)
					}
					if closed.After(last) {
						last = closed
					}
				})
			}
			begun := time.Now()
			w.stop()
			all.Wait()
			if took := last.Sub(begun); took < test.want/2 || took > test.want+time.Second {
				t.Errorf("%d clients: the last is closed after %v, want %v", test.clients, took, test.want)
			}
			if longest > test.want+time.Second || test.clients > 3 && longest < test.want/2 {
				t.Errorf("%d clients come back within %v, want %v and a second", test.clients, longest, test.want)
			}
		})
	}
}

// One client reads nothing, one reads but doesn't answer the close frame, and one reads
// nothing of a stream.
func TestStop_DestroysConnectionsThatDontClose(t *testing.T) {
	streamBubble(t, hub.Options{}, func(t *testing.T, w *streamWorld) {
		deaf, mute := w.join(), w.join()
		w.open(t, "/events")
		go func() {
			mute.patience = time.Hour
			for err := error(nil); err == nil; {
				_, _, err = mute.read()
			}
		}()
		begun := time.Now()
		w.stop()
		after(6500 * time.Millisecond)
		if n := w.Stats().Connections; n != 0 {
			t.Errorf("%d connections are open %v after the end", n, time.Since(begun))
		}
		deaf.expectEnd()
	})
}
