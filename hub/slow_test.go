package hub_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// wide publishes a large event: a few hundred of them fill every buffer.
func (w *world) wide() {
	w.t.Helper()
	if _, err := w.Channel("streaming").Trigger(w.t.Context(), "create", strings.Repeat("w", 8<<10)); err != nil {
		w.t.Errorf("publish: %v", err)
	}
}

// follow joins and subscribes to the empty channel.
func (w *world) follow() *client {
	w.t.Helper()
	w.Channel("streaming")
	c := w.join()
	c.send(subscribe)
	c.expect(token, subscribed(`"offset":0,"head":0`))
	return c
}

// next reads the wide event that must come next.
func (c *client) next(offset uint64) {
	c.t.Helper()
	if got := c.text(); !isWide(got, offset) {
		c.t.Fatalf("got %.100s…, want the event at %d", got, offset)
	}
}

// isWide compares no more than it must, because there are many events.
func isWide(message string, offset uint64) bool {
	return strings.HasPrefix(message, `[["create",{"channel":"streaming","data":"www`) &&
		strings.Contains(message[8<<10:], fmt.Sprintf(`ww","offset":%d,"epoch":"`, offset))
}

// unhurried are the limits for tests that take as long as the machine needs: the hub sends no ping
// and drops no slow reader.
var unhurried = hub.Limits{Ping: time.Hour, Silent: 2 * time.Hour, Write: time.Hour}

func TestSlowReader_GetsAGapNoticeAndDelaysNoOther(t *testing.T) {
	everywhere(t, hub.Options{Ring: 500, RingBytes: 64 << 20, Limits: unhurried}, func(t *testing.T, w *world) {
		const events = 2000
		slow, other := w.follow(), w.follow()
		begun := time.Now()
		for n := range uint64(events) {
			w.wide()
			other.next(n + 1) // meanwhile slow reads nothing
		}
		tries := 0 // how often a full socket can have had room again, for another gap notice: about once a second
		if slow.conn.LocalAddr().Network() == "tcp" {
			tries = 1 + int(time.Since(begun)/time.Second)
		}
		gaps := 0
		for seen := uint64(0); seen < events; {
			message := slow.text()
			if isWide(message, seen+1) {
				seen++
				continue
			}
			to := slow.gap(message, seen+1)
			if tries == 0 && to != events-50 { // not the oldest event held, but the 50 newest
				t.Errorf("a gap to %d, want %d", to, events-50)
			}
			seen = to
			gaps++
		}
		slow.answered()
		w.wide()
		slow.next(events + 1)
		other.next(events + 1)
		if got := w.Stats(); got.Gaps != uint64(gaps) || gaps < 1 || gaps > 1+tries || got.Slow != 0 {
			t.Errorf("%d gaps and %+v, want 1, and up to %d more, and nobody dropped", gaps, got, tries)
		}
	})
}

// gap parses a gap notice, which must begin at the offset from, and returns the offset where
// the gap ends.
func (c *client) gap(message string, from uint64) (to uint64) {
	c.t.Helper()
	want := `[["stream.gap",{"channel":"streaming","data":{"from":%d,"to":%d,"reason":"slow"},"offset":%d,"epoch":"EPOCH"}]]`
	var begins, offset uint64
	_, err := fmt.Sscanf(plain(message), want, &begins, &to, &offset)
	if err != nil || begins != from || to < from || offset != to {
		c.t.Fatalf("got %.200q, %v, want a gap from %d", message, err, from)
	}
	return to
}

// After a gap a reader continues with the 50 newest events. If the ring holds fewer, the
// reader continues with the oldest event held.
func TestSlowReader_JumpsNoFurtherBackThanTheOldestEventHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := overPipe(t, hub.Options{Ring: 20})
		slow := w.follow()
		w.publish(1)
		synctest.Wait() // the first is being written, and nobody reads
		w.publish(99)
		slow.expect(created(1),
			`[["stream.gap",{"channel":"streaming","data":{"from":2,"to":80,"reason":"slow"},"offset":80,"epoch":"EPOCH"}]]`)
		for n := 81; n <= 100; n++ {
			slow.expect(created(n))
		}
		slow.answered()
	})
}

func TestSlowReader_ThatIsBehindWithinTheRingMissesNothing(t *testing.T) {
	everywhere(t, hub.Options{Ring: 1000, RingBytes: 64 << 20, Limits: unhurried}, func(t *testing.T, w *world) {
		slow := w.follow()
		for range 1000 {
			w.wide()
		}
		for n := range uint64(1000) {
			slow.next(n + 1)
		}
		slow.answered()
	})
}

func TestSlowReader_IsDroppedAfterTenSecondsWithoutProgress(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		slow, other := w.follow(), w.follow()
		w.publish(1)
		other.expect(created(1))
		after(9900 * time.Millisecond)
		if got := w.Stats().Slow; got != 0 {
			t.Errorf("dropped before 10 s")
		}
		after(2 * time.Second)
		if got := w.Stats(); got.Slow != 1 || got.Connections != 1 {
			t.Errorf("%+v, want 1 dropped for being slow, 1 open", got)
		}
		slow.expectEnd()
		other.answered()
	})
}

// One client reads nothing and must be dropped. Another one reads a little now and then, and
// must stay.
func TestSlowReader_OverTCPIsDroppedWithoutProgress(t *testing.T) {
	measuresTheKernel(t)
	t.Parallel()
	const write = 6 * time.Second // so long that a busy machine doesn't keep the test itself from reading
	w := overTCP(t, hub.Options{Ring: 3000, RingBytes: 64 << 20, Limits: hub.Limits{Write: write}})
	still, slow := w.follow(), w.follow()
	begun := time.Now()
	var publishing sync.WaitGroup
	publishing.Go(func() {
		for range 3000 {
			w.wide()
		}
	})
	for range 4 {
		slow.conn.SetReadDeadline(time.Now().Add(slow.patience))
		if _, err := io.CopyN(io.Discard, slow.r, 3<<20); err != nil {
			t.Fatalf("the client that reads 3 MiB now and then: %v", err)
		}
		if after(write / 3); time.Since(begun) < write && w.Stats().Slow != 0 {
			t.Fatalf("dropped after %v", time.Since(begun))
		}
	}
	publishing.Wait()
	for w.Stats().Slow == 0 && time.Since(begun) < time.Minute { // the client's kernel can take some more bytes now and then
		after(100 * time.Millisecond)
	}
	t.Logf("dropped within %v", time.Since(begun))
	if got := w.Stats(); got.Slow != 1 || got.Connections != 1 {
		t.Errorf("%+v, want 1 dropped for being slow, 1 open", got)
	}
	still.conn.SetReadDeadline(time.Now().Add(still.patience))
	if _, err := io.Copy(io.Discard, still.r); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection that was dropped is open")
	}
}

// The memory for replies to a client that sends requests without reading is bounded.
func TestSlowReader_ThatSendsRequestsWithoutReadingCostsLittle(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		question := `["` + strings.Repeat("<", 4000) + `",{"id":7}]` // the reply is six times as long
		before := heap()
		for range 120 {
			for range 9 {
				c.send(question)
			}
			after(time.Second)
			c.conn.SetReadDeadline(time.Now().Add(c.patience))
			if _, err := c.conn.Read(make([]byte, 1)); err != nil {
				break // the client was dropped, which also bounds its cost
			}
		}
		if grown := heap() - before; grown > 2<<20 {
			t.Errorf("one connection that reads a byte a second takes %d KiB", grown>>10)
		}
		synctest.Wait()
		if got := w.Stats(); got.Slow != 1 || got.Connections != 0 {
			t.Errorf("%+v, want it dropped", got)
		}
	})
}

// heap is how many bytes of the heap are in use.
func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// A page in the background can send nothing but pong frames. The time limit for a message must
// not end its connection.
func TestPing_AControlFrameStartsNoTimeLimitForAMessage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		c.frame(final|pong, nil)
		c.frame(final|ping, []byte("p"))
		c.expectFrame(pong, "p")
		after(12 * time.Second) // longer than the time limit of a message
		c.answered()
	})
}

// When a slow client resets its connection, the goroutines that read and write notice it at
// the same moment. Neither must wait for the other.
func TestSlowReader_CanResetItsConnectionAtAnyTime(t *testing.T) {
	w := overTCP(t, hub.Options{Ring: 600, RingBytes: 64 << 20})
	var slow []*client
	for range 100 {
		c := w.follow()
		c.conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		slow = append(slow, c)
	}
	for range 600 {
		w.wide()
	}
	for _, c := range slow {
		c.conn.(*net.TCPConn).SetLinger(0)
		go c.conn.Close()
		w.wide()
	}
	for begun := time.Now(); w.Stats().Connections > 0; runtime.Gosched() {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("%d connections are not counted out", w.Stats().Connections)
		}
	}
}
