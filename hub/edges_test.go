package hub_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"nagare/hub"
)

// edges are messages at the limits of what is valid, beside those in inbound.
var edges = []struct{ message, want string }{
	{`["client_connected",{}]`, failed("client_connected", "null", "null", "reserved")},
	{`["websocket_rails.ping",{"id":1.5}]`, failed("websocket_rails.ping", "null", "null", "reserved")},
	{`["websocket_rails.subscribe_private",{"data":{"channel":"streaming"}}]`,
		reply("websocket_rails.subscribe_private", "null", "null", `{"error":"not_private","reason":"WHY","hint":"use subscribe instead."}`, false)},

	// Only a subscription needs valid data.
	{`["websocket_rails.unsubscribe",{"id":7}]`, reply(unsub, "7", "null", "{}", true)},
	{`["websocket_rails.unsubscribe",{"id":7,"data":null}]`, reply(unsub, "7", "null", "{}", true)},
	{`["websocket_rails.unsubscribe",{"id":7,"data":"streaming"}]`, reply(unsub, "7", "null", "{}", true)},
	{`["websocket_rails.unsubscribe",{"id":7,"data":{"channel":7}}]`, reply(unsub, "7", "null", "{}", true)},

	// Any channel, even one that isn't a string, means that the client tried to publish.
	{`["create",{"id":7,"channel":"","data":{}}]`, failed("create", "7", `""`, "forbidden")},
	{`["create",{"id":7,"channel":7,"data":{}}]`, failed("create", "7", `""`, "forbidden")},
	{`["create",{"id":7,"channel":{"a":"streaming"},"data":{}}]`, failed("create", "7", `""`, "forbidden")},

	// Channel names of 65 and of 64 letters.
	{`["websocket_rails.unsubscribe",{"id":7,"data":{"channel":"` + strings.Repeat("a", 65) + `"}}]`, reply(unsub, "7", "null", "{}", true)},
	{`["websocket_rails.subscribe",{"id":7,"data":{"channel":"` + strings.Repeat("a", 65) + `"}}]`, fails(sub, "unknown_channel")},
}

func TestInbound_EdgeCasesGetTheExpectedReplyOrNone(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.Channel("streaming")
		for _, test := range edges {
			c := w.join()
			c.send(test.message)
			c.expect(test.want)
			c.answered()
			c.leave()
		}
	})
}

func TestSubscribe_AcceptsANameOfSixtyFourLetters(t *testing.T) {
	w := overTCP(t, hub.Options{})
	name := strings.Repeat("z", 64)
	w.Channel(name)
	c := w.join()
	c.send(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"` + name + `"}}]`)
	c.until(`"success":true`)
}

// An EventSource dispatches events of these names itself, as for a lost connection.
func TestPublish_RefusesNamesThatAnEventSourceUsesItself(t *testing.T) {
	ch := hub.New(hub.Options{}).Channel("streaming")
	for name, ok := range map[string]bool{"error": false, "open": false, "message": false, "errors": true, "opened": true} {
		if _, err := ch.Trigger(t.Context(), name, 1); (err == nil) != ok {
			t.Errorf("%s: %v, want it taken: %t", name, err, ok)
		}
	}
}

func TestLimits_PermitTenControlFramesASecondForEver(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		pinged := func(n int) {
			for range n {
				c.frame(final|ping, []byte("p"))
				c.expectFrame(pong, "p")
			}
		}
		pinged(20)
		for range 10 {
			after(time.Second)
			pinged(10)
		}
		c.frame(final|ping, []byte("p"))
		c.expectClose(1008)
	})
}

// A client that stops within a frame is closed after ten seconds, wherever it stops.
func TestLimits_AnIncompleteFrameEndsTheConnectionAfterTenSeconds(t *testing.T) {
	whole := masked(final|text, []byte(`["a",{"id":7}]`))
	const want = 10 * time.Second
	for _, cut := range []int{1, 2, 5, 6, len(whole) - 1} {
		bubble(t, func(t *testing.T, w *world) {
			c := w.join()
			begun := time.Now()
			c.write(whole[:cut])
			c.patience = 2 * time.Minute
			for op := byte(0); op != closing; {
				var err error
				if op, _, err = c.read(); err != nil {
					break
				}
			}
			if took := time.Since(begun); took < want || took > want+2*time.Second {
				t.Errorf("%d bytes of a frame: ends after %v, want %v", cut, took, want)
			}
		})
	}
}

func TestPing_AFrameAfterFiftyNineSecondsIsInTime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		for range 3 {
			c.patience = 59 * time.Second
			for begun := time.Now(); time.Since(begun) < 59*time.Second; c.patience = 59*time.Second - time.Since(begun) {
				if op, payload, err := c.read(); err == nil && op == closing {
					t.Fatalf("closed after %v: %q", time.Since(begun), payload)
				}
			}
			c.patience = 5 * time.Second
			c.frame(final|pong, nil)
		}
		c.send(`["a",{"id":7}]`)
		c.until(`"unknown_event"`) // a ping can arrive at that very moment
	})
}

// Control frames within the limits don't count towards the bytes of the client's next message,
// however many there are.
func TestLimits_ControlFramesDontCountTowardsTheBytesOfAMessage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		pongs := bytes.Repeat(masked(final|pong, bytes.Repeat([]byte("x"), 125)), 5)
		for range 100 { // 65 KB, twice the bytes that one message can use
			c.write(pongs)
			c.patience = time.Second
			c.read() // nothing, or a ping
		}
		c.patience = 5 * time.Second
		c.send(`["a",{"id":7}]`)
		c.until(`"unknown_event"`)
	})
}
