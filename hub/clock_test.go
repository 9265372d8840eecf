package hub_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// pass lets virtual time pass, and meanwhile reads and answers each ping as a browser does.
func (c *client) pass(d time.Duration) {
	c.t.Helper()
	end := time.Now().Add(d)
	c.patience = time.Until(end)
	for ; c.patience > 0; c.patience = time.Until(end) {
		op, payload, err := c.read()
		if err != nil {
			break
		}
		if op == text && strings.HasPrefix(string(payload), `[["websocket_rails.ping"`) {
			c.send(`["websocket_rails.pong",{"id":112525,"data":{}}]`)
		}
	}
	if c.patience = 5 * time.Second; time.Now().Before(end) {
		c.t.Fatalf("the connection ended %v early", time.Until(end))
	}
}

// pinged reads a ping, which is an event or a control frame, and returns the frame's opcode.
func (c *client) pinged(heads string) (opcode byte) {
	c.t.Helper()
	op, payload, err := c.read()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	want := `[["websocket_rails.ping",{"id":null,"channel":null,"user_id":null,"data":{"heads":{` + heads + `}},` +
		`"success":null,"result":null,"token":null,"server_token":null}]]`
	if op == text && plain(string(payload)) != want || op != text && op != ping {
		c.t.Fatalf("got  opcode %d %s\nwant a ping, or %s", op, payload, want)
	}
	return op
}

func TestPing_SendsAnEventAndAFrameAboutEveryTwentySeconds(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		w.publish(42)
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":42,"head":42`))
		c.patience = time.Minute
		for range 10 {
			last := time.Now()
			first, second := c.pinged(`"streaming":{"epoch":"EPOCH","offset":42}`), c.pinged(`"streaming":{"epoch":"EPOCH","offset":42}`)
			if first == second {
				t.Fatalf("two pings of opcode %d, want one of each form", first)
			}
			if took := time.Since(last); took < 17*time.Second || took > 23*time.Second {
				t.Fatalf("a ping after %v, want 20 s ± 10 %%, give or take a second", took)
			}
			c.send(`["websocket_rails.pong",{"id":112525,"data":{}}]`)
		}
	})
}

func TestPing_HasJitter(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		begun, at := time.Now(), map[time.Duration]bool{}
		for range 20 {
			c := w.join()
			c.patience = time.Minute
			c.pinged("")
			at[time.Since(begun)] = true
			begun = time.Now()
		}
		if len(at) < 2 {
			t.Errorf("20 connections are pinged after exactly %v", at)
		}
	})
}

// Any frame counts as activity, whichever kind of client it comes from.
func TestPing_AnyFrameFromAClientKeepsItsConnection(t *testing.T) {
	for name, sign := range map[string][]byte{
		"a pong event":       masked(final|text, []byte(`["websocket_rails.pong",{"id":1,"data":{}}]`)),
		"a pong frame":       masked(final|pong, nil),
		"an unknown event":   masked(final|text, []byte(`["a",{}]`)),
		"nothing sensible":   masked(final|text, []byte(`hello`)),
		"a fragment's begin": append(masked(text, []byte(`["a"`)), masked(final|continuation, []byte(`,{}]`))...),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				c := w.join()
				for range 10 {
					c.patience = 55 * time.Second
					for begun := time.Now(); time.Since(begun) < 33*time.Second; {
						c.pinged("")
					}
					c.write(sign)
				}
				c.send(`["a",{"id":7}]`)
				c.until(`"unknown_event"`)
			})
		})
	}
}

func TestPing_AClientThatIsSilentForAMinuteIsClosed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		begun := time.Now()
		c.patience = 2 * time.Minute
		for range 2 * 2 { // an event and a control frame, after 20 s and after 40 s
			c.pinged("")
		}
		for {
			if head, err := c.r.Peek(1); err != nil || head[0]&0xF == closing {
				break
			}
			c.pinged("")
		}
		if took := time.Since(begun); took < 60*time.Second || took > 62*time.Second {
			t.Errorf("closed after %v of silence, want 60 s", took)
		}
		c.expectClose(1001)
		synctest.Wait() // the hub lowers the count only after the client has seen the end
		if n := w.Stats().Connections; n != 0 {
			t.Errorf("%d connections are still counted", n)
		}
	})
}

func TestStop_TellsClientsWhenToReconnectAndClosesTheirConnections(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.Channel("streaming")
		c := w.join()
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":0,"head":0`))
		w.publish(1)
		c.expect(created(1))
		w.stop()
		c.expectDraining()
		c.expectClose(1012)
	})
}

// expectDraining reads the notice of a drain. For a single client, the time after which to
// reconnect is at most a second plus the 1/300 s for which the hub drains.
func (c *client) expectDraining() {
	c.t.Helper()
	message := c.text()
	found := draining.FindStringSubmatch(message)
	if found == nil {
		c.t.Fatalf("got %s, want stream.draining", message)
	}
	if retry, err := strconv.Atoi(found[1]); err != nil || retry > 1004 {
		c.t.Fatalf("told to come back in %s ms, want up to 1,004", found[1])
	}
}

var draining = regexp.MustCompile(`^\[\["stream\.draining",{"data":{"retry_ms":(0|[1-9][0-9]*)}}\]\]$`)
