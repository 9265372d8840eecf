package hub_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// after waits for the time d, which is virtual time in a bubble.
func after(d time.Duration) { <-time.After(d) }

// bubble runs a test over pipes and in virtual time.
func bubble(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := overPipe(t, hub.Options{})
		w.Channel("streaming")
		test(t, w)
	})
}

// burst sends n messages and reads as many replies.
func (c *client) burst(n int) {
	c.t.Helper()
	for id := range n {
		c.send(fmt.Sprintf(`["a",{"id":%d}]`, id))
		c.expect(failed("a", fmt.Sprint(id), "null", "unknown_event"))
	}
}

func TestLimits_PermitABurstOfTwentyMessagesAndNoMore(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		c.burst(20)
		c.send(`["a",{"id":20}]`)
		c.expectClose(1008)
	})
}

func TestLimits_PermitABurstOfTwentyMessagesOverTCP(t *testing.T) {
	w := overTCP(t, hub.Options{})
	c := w.join()
	for range 200 { // far more than the limit allows in the time that this takes
		c.send(`["websocket_rails.pong",{}]`)
	}
	c.expectClose(1008)
}

func TestLimits_PermitTenMessagesASecondForEver(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		c.burst(20)
		for range 10 {
			after(time.Second)
			c.burst(10)
		}
		c.send(`["a",{"id":20}]`)
		c.expectClose(1008)
	})
}

func TestLimits_AFragmentedMessageCountsOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		for range 20 {
			c.fragments(`["a",{"id":7}]`, 1, 2, 3)
			c.expect(fails("a", "unknown_event"))
		}
		c.fragments(`["a",{"id":7}]`, 1, 2, 3)
		c.expectClose(1008)
	})
}

func TestLimits_PermitABurstOfTwentyControlFramesAndNoMore(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		for range 20 {
			c.frame(final|ping, []byte("p"))
			c.expectFrame(pong, "p")
		}
		c.burst(20) // messages have a limit of their own
		c.frame(final|ping, []byte("p"))
		c.expectClose(1008)
	})
}

func TestLimits_ControlFramesThatGetNoAnswerCountToo(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		for range 20 {
			c.frame(final|pong, nil)
		}
		c.answered()
		c.frame(final|pong, nil)
		c.expectClose(1008)
	})
}

func TestLimits_PermitTenMalformedMessagesAMinuteAndNoMore(t *testing.T) {
	for _, bad := range []string{`hello`, `[["a",{"id":1}]]`, `["..",{}]`, `["a",7]`} {
		bubble(t, func(t *testing.T, w *world) {
			c := w.join()
			for range 10 {
				c.send(bad)
			}
			c.answered()
			c.send(bad)
			c.expectClose(1008)
		})
	}
}

func TestLimits_MalformedMessagesCountOverAnyMinute(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		c.send(`hello`)
		c.pass(55500 * time.Millisecond) // half a second after a full second: pings come only at full seconds
		for range 9 {
			c.send(`hello`)
		}
		c.answered()
		c.pass(6 * time.Second) // now the first malformed message is over a minute old
		c.send(`hello`)
		c.answered()
		c.send(`hello`)
		c.expectClose(1008)
	})
}

func TestLimits_MalformedMessagesAreForgottenAfterAMinute(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		for range 3 {
			for range 10 {
				c.send(`hello`)
			}
			c.send(`["a",{"id":7}]`)
			c.until(`"unknown_event"`)
			c.pass(61250 * time.Millisecond) // half a second after a full second: pings come only at full seconds
		}
		for range 11 {
			c.send(`hello`)
		}
		c.expectClose(1008)
	})
}

// A request that is refused is not malformed.
func TestLimits_ARefusedRequestDoesNotCountAsMalformed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		for range 15 {
			c.send(`["create",{"id":7,"channel":"streaming"}]`)
			c.expect(failed("create", "7", `"streaming"`, "forbidden"))
		}
		c.answered()
	})
}

func TestLimits_EachClientHasItsOwnLimits(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a, b := w.join(), w.join()
		a.burst(20)
		b.burst(20)
	})
}

func TestLimits_AMessageMustEndTenSecondsAfterItsBeginning(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		c.frame(text, []byte(`["a",`))
		after(9 * time.Second)
		c.frame(final|continuation, []byte(`{"id":7}]`))
		c.expect(fails("a", "unknown_event"))

		begun := time.Now()
		c.frame(text, []byte(`["a",`))
		for range 4 {
			after(2 * time.Second)
			c.frame(continuation, nil)
		}
		c.patience = time.Minute
		for {
			if _, _, err := c.read(); err != nil {
				break
			}
		}
		if took := time.Since(begun); took < 10*time.Second || took > 12*time.Second {
			t.Errorf("a message without an end is dropped after %v, want 10 s", took)
		}
		if got := w.Stats().Closed; got[1008] != 1 {
			t.Errorf("counted as %v", got)
		}
	})
}
