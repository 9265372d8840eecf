package bluesky

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestBluesky_ReportsAGapIfTheServerBeginsTooLate(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	for name, tt := range map[string]struct {
		left, first time.Time
		dids        []string
		from, to    time.Time
	}{
		"the server goes on where we were": {left: now.Add(-time.Hour), first: now.Add(-time.Hour)},
		"it begins a moment later":         {left: now.Add(-time.Hour), first: now.Add(-time.Hour + gapTolerance)},
		"it has forgotten an hour":         {left: now.Add(-2 * time.Hour), first: now.Add(-time.Hour), from: now.Add(-2 * time.Hour), to: now.Add(-time.Hour)},
		"one author was silent":            {left: now.Add(-2 * time.Hour), first: now, dids: []string{mio}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeJetstream{play: func(_ int, c *fakeConn) {
				c.say(commitEvent("create", mio, "p", tt.first, recordOf("x", "")))
				c.stay()
			}}
			b := f.overTCP(t, &Source{Hold: -1, DIDs: tt.dids, Store: new(streamtest.Texts)})
			b.Store.Put(b.savedAs(), cursor{tt.left.UnixMicro(), b.Hosts[0]}.String())
			gaps := only(gather(t, b, creates(1)), stream.Gap)
			if tt.from.IsZero() {
				if len(gaps) != 0 {
					t.Errorf("got %+v, want no gap", gaps[0].Notice)
				}
				return
			}
			if len(gaps) != 1 {
				t.Fatalf("got %d gaps, want one", len(gaps))
			}
			want := &stream.Notice{Source: b.String(), Network: "bluesky", Reason: "the server no longer had what came after our last post", From: tt.from, To: tt.to}
			if d := cmp.Diff(want, gaps[0].Notice); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestBluesky_SilenceOfAFewAuthorsIsNoGapWhileTheServerKeepsEvents(t *testing.T) {
	now := time.UnixMicro(march.UnixMicro())
	c := cursor{us: now.Add(-50 * time.Hour).UnixMicro()}
	if to, missed := c.gap(now, now, true); !missed || !to.Equal(now.Add(-serverHistory)) {
		t.Errorf("got %v, %v; want a gap until 36 hours ago", to, missed)
	}
}

func TestBluesky_ResumesFromItsCursorAfterARestart(t *testing.T) {
	f := &fakeJetstream{play: func(n int, c *fakeConn) {
		c.say(postNow(mio, "p"), commitEvent("delete", mio, "end", time.Now(), ""))
		c.stay()
	}}
	saved := new(streamtest.Texts)
	first := f.overTCP(t, &Source{Hold: -1, Store: saved})
	gather(t, first, untilKinds(1, stream.Destroy)) // the destroy is not acknowledged
	text := saved.Text("bluesky.cursor")
	us, host, _ := strings.Cut(text, " ")
	if left, err := strconv.ParseInt(us, 10, 64); err != nil || time.Since(time.UnixMicro(left)).Abs() > time.Minute || host != first.Hosts[0] {
		t.Fatalf("saved %q, want the time of the last post in microseconds, and the host", text)
	}
	again := &Source{Hold: -1, Store: saved, Hosts: first.Hosts, Profiles: first.Profiles, Log: streamtest.Quiet}
	gather(t, again, creates(1))
	left, _ := strconv.ParseInt(us, 10, 64)
	if got, want := f.connections()[1].Get("cursor"), strconv.FormatInt(left-rewind.Microseconds(), 10); got != want {
		t.Errorf("after the restart it asked for %q, want %q", got, want)
	}
}

func TestBluesky_SavesItsCursorEachSecond(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		told := time.Now()
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.say(postNow(mio, "p1"))
			time.Sleep(2 * time.Second)
			c.say(postNow(mio, "p2"))
			c.stay()
		}}
		b := f.overPipes(t, &Source{Hold: -1, Store: new(streamtest.Texts)})
		gather(t, b, func(ops []stream.Op) bool {
			if ops[len(ops)-1].ID == "" || !strings.HasSuffix(ops[len(ops)-1].ID, "p2") {
				return false
			}
			if text, _, _ := b.Store.Get("bluesky.cursor"); !strings.HasPrefix(text, strconv.FormatInt(told.UnixMicro(), 10)+" ") {
				t.Errorf("two seconds after the first post %q was saved", text)
			}
			return true
		})
	})
}

func TestBluesky_ReadsHeldPostsAgainAfterABreak(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var told time.Time
		f := &fakeJetstream{play: func(n int, c *fakeConn) {
			if n == 1 {
				c.say(postNow(ren, "known"))
				time.Sleep(2 * time.Second)
				told = time.Now()
				c.say(postNow(mio, "waits"))
				time.Sleep(time.Millisecond)
				c.say(postNow(ren, "after"))
				time.Sleep(50 * time.Millisecond) // there is a tick after 2.1 seconds
				return
			}
			c.stay()
		}}
		f.know(ren, profile{Handle: "ren.example"})
		b := f.overPipes(t, &Source{})
		gather(t, b, func([]stream.Op) bool { return len(f.connections()) == 2 })
		want := told.Add(-rewind).UnixMicro() - 1
		if got := f.connections()[1].Get("cursor"); got != strconv.FormatInt(want, 10) {
			t.Errorf("asked for %s, want %d: before the post that waited", got, want)
		}
	})
}

func TestParseCursor_AcceptsOnlyMicroseconds(t *testing.T) {
	for saved, want := range map[string]cursor{
		"":                           {},
		"\n":                         {},
		"1772352000000000 a.example": {1772352000000000, "a.example"},
		"1772352000000000\n":         {1772352000000000, ""},
	} {
		if got, err := parseCursor(saved, march); err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", saved, got, err, want)
		}
	}
	for name, saved := range map[string]string{
		"seconds": "1772352000", "milliseconds": "1772352000000", "a sequence number": "30340180350",
		"after tomorrow": "1772528401000000", "nonsense": "2026-03-01", "endless": strings.Repeat("9", 99), "negative": "-1772352000000000",
	} {
		if got, err := parseCursor(saved, march); err == nil || got != (cursor{}) {
			t.Errorf("%s: got %v, %v; want none and a reason", name, got, err)
		}
	}
}

func TestBluesky_BeginsNowIfItsCursorIsInvalid(t *testing.T) {
	f := &fakeJetstream{play: func(_ int, c *fakeConn) { c.say(postNow(mio, "p")); c.stay() }}
	b := f.overTCP(t, &Source{Hold: -1, Store: new(streamtest.Texts)})
	b.Store.Put("bluesky.cursor", "1772352000 "+b.Hosts[0])
	ops := gather(t, b, creates(1))
	if asked := f.connections()[0]; asked.Has("cursor") || len(only(ops, stream.Gap)) != 0 {
		t.Errorf("asked for %v and told %d gaps", asked, len(only(ops, stream.Gap)))
	}
}

func TestBluesky_AWrongServerClockDoesNotMoveTheCursor(t *testing.T) {
	f := &fakeJetstream{play: func(_ int, c *fakeConn) {
		for _, at := range []time.Time{time.Now(), time.Now().AddDate(50, 0, 0), time.UnixMilli(time.Now().Unix())} {
			c.say(commitEvent("create", mio, "p", at, recordOf("x", "")))
		}
		c.stay()
	}}
	b := f.overTCP(t, &Source{Hold: -1})
	gather(t, b, creates(3))
	if off := time.Since(b.cursorNow().time()).Abs(); off > time.Minute {
		t.Errorf("the cursor is off by %v", off)
	}
}

func TestBluesky_EachSetOfAuthorsHasItsOwnCursor(t *testing.T) {
	everybody, both, same, other := &Source{}, &Source{DIDs: []string{mio, ren}}, &Source{DIDs: []string{ren, mio}}, &Source{DIDs: []string{mio}}
	if everybody.savedAs() == both.savedAs() || both.savedAs() != same.savedAs() || both.savedAs() == other.savedAs() {
		t.Errorf("%s, %s, %s, %s", everybody.savedAs(), both.savedAs(), same.savedAs(), other.savedAs())
	}
}

func TestBluesky_AHostWithoutNewEventsDoesNotChangeTheCursor(t *testing.T) {
	left := cursor{march.UnixMicro(), "one.example"}
	b := &Source{}
	b.setCursor(left)
	s := &session{b: b, log: streamtest.Quiet, host: "two.example", resumed: left, seen: left.us}
	if s.advanceCursor(t.Context()); b.cursorNow() != left {
		t.Errorf("got %v, want %v still", b.cursorNow(), left)
	}
	s.seen++
	s.advanceCursor(t.Context())
	if want := (cursor{left.us + 1, "two.example"}); b.cursorNow() != want {
		t.Errorf("got %v, want %v", b.cursorNow(), want)
	}
}

func TestBluesky_MarksOldEventsAsLate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			for _, age := range []time.Duration{time.Hour, lateAfter + time.Second, lateAfter, 0, -time.Hour, 60 * 365 * 24 * time.Hour} {
				c.say(commitEvent("create", mio, "p", time.Now().Add(-age), recordOf("x", "")))
			}
			c.stay()
		}}
		var got []bool // the last two times are implausible: the clock of the server is wrong
		b := f.overPipes(t, &Source{Hold: -1, Store: new(streamtest.Texts)})
		b.Store.Put(b.savedAs(), cursor{time.Now().Add(-time.Hour).UnixMicro(), b.Hosts[0]}.String())
		for _, op := range only(gather(t, b, creates(6)), stream.Create) {
			got = append(got, op.Post.Late)
		}
		if d := cmp.Diff([]bool{true, true, false, false, false, false}, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}
