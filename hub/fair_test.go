package hub_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"nagare/hub"
)

// small gives the client a small receive buffer.
func (c *client) small() { c.conn.(*net.TCPConn).SetReadBuffer(4 << 10) }

// A busy channel that fills the socket doesn't hold up a quiet one.
func TestSlowReader_OfTwoChannelsGetsEventsOfBoth(t *testing.T) {
	everywhere(t, hub.Options{Ring: 1000, RingBytes: 64 << 20, Limits: unhurried}, func(t *testing.T, w *world) {
		quiet := w.Channel("quiet")
		c := w.follow()
		c.send(strings.Replace(subscribe, "streaming", "quiet", 1))
		c.until(`"websocket_rails.subscribe"`)
		for range 900 {
			w.wide()
		}
		if _, err := quiet.Trigger(t.Context(), "create", "psst"); err != nil {
			t.Fatal(err)
		}
		for before := 0; !strings.Contains(c.text(), "psst"); before++ {
			if before == 800 { // what is already in the buffers comes first
				t.Fatalf("%d events of the other channel came before", before)
			}
		}
	})
}

// The time limit of a message begins with its first byte, even if that arrives together with
// the end of the previous message.
func TestLimits_TheTimeLimitOfAMessageBeginsWithItsFirstByte(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		whole := masked(final|text, []byte(`["a",{"id":7}]`))
		c.write(whole[:3])
		for range 30 {
			after(time.Second)
			c.write(append(bytes.Clone(whole[3:]), whole[:3]...))
			c.patience = time.Second / 2
			for {
				if op, payload, err := c.read(); err != nil || op == closing {
					t.Fatalf("opcode %d, %q, %v", op, payload, err)
				} else if strings.Contains(string(payload), "unknown_event") {
					break
				}
			}
		}
	})
}

// The limit on bytes that complete no message applies to each message, not to all bytes that
// arrive together.
func TestLimits_ManyValidMessagesCanArriveTogether(t *testing.T) {
	everywhere(t, hub.Options{Limits: hub.Limits{Message: 1000}}, func(t *testing.T, w *world) {
		c := w.join()
		c.write(bytes.Repeat(masked(final|text, []byte(padded(900))), 15))
		for range 15 {
			c.expect(fails("a", "unknown_event"))
		}
	})
}

// orphans is how many closed sockets there are whose bytes the kernel still tries to send.
func orphans(t *testing.T) (n int) {
	t.Helper()
	text, err := os.ReadFile("/proc/net/sockstat")
	if err != nil {
		t.Skip("no /proc/net/sockstat on this system")
	}
	_, values, _ := strings.Cut(string(text), "orphan ")
	fmt.Sscan(values, &n)
	return n
}

// A connection that is dropped while its socket is full leaves no orphan: a closed connection that
// the kernel keeps for minutes, to send its data again.
func TestSlowReader_LeavesNoOrphanInTheKernel(t *testing.T) {
	before := orphans(t)
	w := overTCP(t, hub.Options{Ring: 600, RingBytes: 64 << 20})
	for range 20 {
		c := w.follow()
		c.small()
		t.Cleanup(c.leave)
	}
	for range 600 {
		w.wide()
	}
	for range 20 {
		c := w.join()
		c.small()
		c.send(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","last":100}}]`)
		question := `["` + strings.Repeat("<", 3900) + `",{"id":7}]`
		for range 4 {
			c.send(question) // more replies than can wait for one client
		}
	}
	begun := time.Now()
	for w.Stats().Slow < 20 {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("%+v, want 20 dropped", w.Stats())
		}
		after(10 * time.Millisecond)
	}
	for begun := time.Now(); orphans(t) > before+5; after(10 * time.Millisecond) { // other processes have orphans, too
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("%d sockets belong to nobody, before %d", orphans(t), before)
		}
	}
}
