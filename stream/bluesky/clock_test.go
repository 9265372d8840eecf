package bluesky

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// ahead is how far the clock of the network is ahead of ours.
var ahead = map[string]time.Duration{
	"our clock is right": 0, "15 minutes slow": 15 * time.Minute, "15 minutes fast": -15 * time.Minute,
	"10 seconds slow": 10 * time.Second, "11 seconds fast": -11 * time.Second,
}

// onEachClock runs a test for each difference between our clock and that of the network. The
// responses of the network have a date or not.
func onEachClock(t *testing.T, test func(t *testing.T, f *fakeJetstream, network func() time.Time, dated bool)) {
	for name, ahead := range ahead {
		for _, dated := range []bool{true, false} {
			t.Run(name+", dated "+strconv.FormatBool(dated), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					network := func() time.Time { return time.Now().Add(ahead).UTC() }
					f := &fakeJetstream{date: func() []string {
						if dated {
							return []string{network().Format(http.TimeFormat)}
						}
						return nil
					}}
					f.know(mio, profile{Handle: "mio.example"})
					test(t, f, network, dated)
				})
			})
		}
	}
}

func TestBluesky_AWrongClockHidesNoGapAndMarksNoPostAsLate(t *testing.T) {
	onEachClock(t, func(t *testing.T, f *fakeJetstream, network func() time.Time, _ bool) {
		var left, back time.Time
		f.play = func(n int, c *fakeConn) {
			go c.stay()
			if n == 2 {
				back = network().Add(-time.Second)
				c.say(commitEvent("create", mio, "old", back, recordOf("x", `,"createdAt":"now"`))) // five minutes are missing
			}
			for i := range 5 {
				left = network()
				c.say(commitEvent("create", mio, "live"+strconv.Itoa(5*n+i), left, recordOf("x", `,"createdAt":"now"`)))
				time.Sleep(time.Second)
			}
			if n == 2 {
				c.say(commitEvent("delete", mio, "end", network(), ""))
				time.Sleep(time.Minute)
			}
		}
		b := f.overPipes(t, &Source{})
		ops := gather(t, b, func(ops []stream.Op) bool {
			if op := ops[len(ops)-1]; op.Notice != nil && op.Notice.State == stream.Waiting {
				time.Sleep(5 * time.Minute) // so that the source reconnects later
			}
			return untilEnd(ops)
		})
		for _, op := range only(ops, stream.Create) {
			if op.Post.Late {
				t.Errorf("%s is late", op.ID)
			}
			if off := op.At.Sub(op.Post.CreatedAt).Abs(); off > defaultHold+time.Second && !strings.HasSuffix(op.ID, "old") {
				t.Errorf("%s was created %v before it arrived", op.ID, off)
			}
		}
		gaps := only(ops, stream.Gap)
		if len(gaps) != 1 || gaps[0].Notice.To.Sub(back).Abs() > time.Second || back.Sub(gaps[0].Notice.From) < 5*time.Minute || back.Sub(gaps[0].Notice.From) > 6*time.Minute {
			t.Errorf("got the gaps %+v, want one of five minutes until %v", gaps, back)
		}
		if asked := f.connections()[1].Get("cursor"); asked == "" || b.cursorNow().time().Sub(network()).Abs() > 2*time.Minute {
			t.Errorf("asked from %s, and the cursor is %v", asked, b.cursorNow())
		}
	})
}

func TestBluesky_AWrongClockLosesNoEdit(t *testing.T) {
	onEachClock(t, func(t *testing.T, f *fakeJetstream, network func() time.Time, _ bool) {
		f.play = func(_ int, c *fakeConn) {
			go c.stay()
			c.say(commitEvent("create", mio, "k", network(), recordOf("first", "")))
			for _, text := range []string{"second", "third"} {
				time.Sleep(3 * time.Second)
				c.say(commitEvent("update", mio, "k", network(), recordOf(text, "")))
			}
			c.say(commitEvent("delete", mio, "end", network(), ""))
			time.Sleep(time.Minute)
		}
		ops := gather(t, f.overPipes(t, &Source{}), untilEnd)
		p := page(t, ops)["k"]
		if got := stream.PlainText(p.Text); got != "third" || p.EditedAt.Sub(network()).Abs() > 2*time.Second {
			t.Errorf("got %q, edited at %v; it is %v", got, p.EditedAt, network())
		}
	})
}

func TestBluesky_ResumesAfterARestartWithAWrongClock(t *testing.T) {
	onEachClock(t, func(t *testing.T, f *fakeJetstream, network func() time.Time, dated bool) {
		left := network().Add(-time.Minute).Truncate(time.Microsecond)
		f.play = func(_ int, c *fakeConn) {
			go c.stay()
			c.say(commitEvent("create", mio, "missed", network().Add(-30*time.Second), recordOf("x", `,"createdAt":"now"`)))
			time.Sleep(3 * time.Second)
			c.say(commitEvent("create", mio, "live", network(), recordOf("x", `,"createdAt":"now"`)))
			time.Sleep(time.Minute)
		}
		b := f.overPipes(t, &Source{Store: new(streamtest.Texts)})
		b.Store.Put(b.savedAs(), cursor{left.UnixMicro(), b.Hosts[0]}.String())
		ops := gather(t, b, creates(2))
		if asked := f.connections()[0].Get("cursor"); asked != strconv.FormatInt(left.Add(-rewind).UnixMicro(), 10) {
			t.Errorf("asked from %s, want %v", asked, left.UnixMicro())
		}
		if gaps := only(ops, stream.Gap); len(gaps) != 1 || !gaps[0].Notice.From.Equal(left) {
			t.Errorf("got the gaps %+v", gaps)
		}
		if p := only(ops, stream.Create)[1].Post; p.Late && dated {
			t.Error("a live post is late")
		}
	})
}
