package bluesky

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestBluesky_EmitsPostsThatWereQueuedAtAStopAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const events = 500
		began := time.Now()
		at := func(i int) time.Time { return began.Add(time.Duration(i) * 20 * time.Millisecond) }
		message := func(i int) string {
			if i%10 == 9 {
				return commitEvent("delete", mio, "p"+strconv.Itoa(i-9), at(i), "")
			}
			return commitEvent("create", mio, "p"+strconv.Itoa(i), at(i), recordOf("x", ""))
		}
		f := &fakeJetstream{play: func(n int, c *fakeConn) {
			from, _ := strconv.ParseInt(c.asked.Get("cursor"), 10, 64)
			for i := range events {
				if at(i).UnixMicro() >= from {
					c.say(message(i))
				}
			}
			c.stay()
		}}
		saved := new(streamtest.Texts)
		cursor := func() int64 {
			c, err := parseCursor(saved.Text("bluesky.cursor"), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return c.us
		}
		first := f.overPipes(t, &Source{Hold: -1, Store: saved})
		n := 0
		taken := streamtest.TakenBy(t, first, 4150*time.Millisecond, func(stream.Op) {
			if us := cursor(); us >= at(n).UnixMicro() || n > 20 && us < at(n-15).UnixMicro() {
				t.Fatalf("while event %d is taken, the saved cursor is at event %d", n, (us-began.UnixMicro())/20_000)
			}
			n++
		})
		if want := at(len(taken) - 1).UnixMicro(); cursor() != want || len(taken) != 41 {
			t.Errorf("%d were taken, and the cursor is off by %d events", len(taken), (cursor()-want)/20_000)
		}
		again := &Source{Hold: -1, Store: saved, Hosts: first.Hosts, Profiles: first.Profiles, Client: first.Client, Log: streamtest.Quiet}
		for _, op := range streamtest.TakenBy(t, again, time.Minute, func(stream.Op) {}) {
			if !slices.ContainsFunc(taken, func(known stream.Op) bool { return known.Kind == op.Kind && known.ID == op.ID }) {
				taken = append(taken, op)
			}
		}
		if len(taken) != events {
			t.Errorf("%d of %d events were taken in the end", len(taken), events)
		}
	})
}
