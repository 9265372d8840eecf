package hub_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// skipped reads frames up to the next notice stream.skip. An event that isn't a ping must not
// come before.
func (c *client) skipped(offset int) {
	c.t.Helper()
	for {
		op, payload, err := c.read()
		if err != nil {
			c.t.Fatalf("read: %v, want a notice", err)
		}
		message := plain(string(payload))
		if op == ping || strings.HasPrefix(message, `[["websocket_rails.ping"`) {
			continue
		}
		if want := wired("stream.skip", "{}", offset); message != want {
			c.t.Fatalf("got  %s\nwant %s", message, want)
		}
		return
	}
}

func filterBubble(t *testing.T, test func(*testing.T, *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := overPipe(t, filtering(hub.Limits{}))
		w.Channel("streaming")
		test(t, w)
	})
}

func TestSkip_TellsAtMostOnceAPingIntervalHowFarTheLogWasRead(t *testing.T) {
	filterBubble(t, func(t *testing.T, w *world) {
		c := w.join()
		c.with("go", "")
		c.until(`"success":true`)
		c.patience = time.Minute
		for round := range 5 {
			for range 10 {
				w.happen("create", "", "rust")
			}
			begun := time.Now()
			c.skipped(10 * (round + 1))
			heads := fmt.Sprintf(`"streaming":{"epoch":"EPOCH","offset":%d}`, 10*(round+1))
			c.pinged(heads)
			c.pinged(heads)
			if took := time.Since(begun); took < 17*time.Second || took > 23*time.Second {
				t.Errorf("a notice after %v, want it with the ping", took)
			}
			c.send(`["websocket_rails.pong",{"id":112525,"data":{}}]`)
		}
		for offset := 50; offset <= 51; offset++ { // no notice: there is nothing new, or an event has told the position
			heads := fmt.Sprintf(`"streaming":{"epoch":"EPOCH","offset":%d}`, offset)
			c.pinged(heads)
			c.pinged(heads)
			c.send(`["websocket_rails.pong",{"id":112525,"data":{}}]`)
			w.happen("create", "", "go")
			c.expect(wired("create", `"go"`, offset+1))
		}
		c.leave()

		back := w.join()
		back.with("go", `,"since":50,"epoch":"EPOCH"`)
		back.expect(token, subscribed(`"offset":50,"head":52,"recovered":true,"filter":"go"`))
		back.expect(wired("create", `"go"`, 51), wired("create", `"go"`, 52))
	})
}

func TestSkip_AClientWithoutAFilterIsNotSentOne(t *testing.T) {
	filterBubble(t, func(t *testing.T, w *world) {
		filtered := w.join()
		filtered.with("go", "")
		filtered.until(`"success":true`)
		c := w.join()
		c.send(subscribe)
		c.until(`"success":true`)
		w.happen("create", "", "rust")
		c.until(`"rust"`)
		c.patience = time.Minute
		c.pinged(`"streaming":{"epoch":"EPOCH","offset":1}`)
	})
}

func skipStream(t *testing.T, test func(*testing.T, *streamWorld)) {
	streamBubble(t, filtering(hub.Limits{}), test)
}

func TestSkip_ReachesAStreamWithItsHeartbeat(t *testing.T) {
	for address, want := range map[string]string{
		"/events?q=go": "id: *:%d\nevent: stream.skip\ndata: {}\n\n:\n\n",
		"/lines?q=go":  `{"event":"stream.skip","channel":"streaming","data":{},"offset":%d,"epoch":"*"}` + "\n\n",
	} {
		skipStream(t, func(t *testing.T, w *streamWorld) {
			s := w.open(t, address)
			for round := range 3 {
				w.publish(10)
				begun, got, want := time.Now(), "", fmt.Sprintf(want, 10*(round+1))
				for range strings.Count(want, "\n") {
					got += s.line()
				}
				if got = varying.ReplaceAllString(got, "$1*"); got != want {
					t.Fatalf("%s: got %q, want %q", address, got, want)
				}
				if took := time.Since(begun); took < 14*time.Second || took > 16*time.Second {
					t.Errorf("%s: a notice after %v, want it with the heartbeat", address, took)
				}
			}
		})
	}
}

func TestSkip_EndsALongPollToWhichNothingWasSent(t *testing.T) {
	skipStream(t, func(t *testing.T, w *streamWorld) {
		s := w.open(t, "/lines?wait=10&q=go")
		w.publish(3)
		rest, _ := io.ReadAll(s.body)
		if got, want := plain(string(rest)), `{"event":"stream.skip","channel":"streaming","data":{},"offset":3,"epoch":"EPOCH"}`+"\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
