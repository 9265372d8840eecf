package bluesky

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

func TestBluesky_ResumesFromTheRewoundCursor(t *testing.T) {
	began := time.Now().Add(-time.Minute).Truncate(time.Microsecond)
	post := func(i int) string {
		return commitEvent("create", mio, "p"+strconv.Itoa(i), began.Add(time.Duration(i)*time.Second), recordOf("x", ""))
	}
	f := &fakeJetstream{play: func(n int, c *fakeConn) {
		from := 0 // after a crash at event 12 the server repeats the events since the cursor
		if us, err := strconv.ParseInt(c.asked.Get("cursor"), 10, 64); err == nil {
			from = int(time.UnixMicro(us).Sub(began) / time.Second)
		}
		for i := from; i < 20 && (n > 1 || i <= 12); i++ {
			c.say(post(i))
		}
		if n > 1 {
			c.stay()
		}
	}}
	b := f.overTCP(t, &Source{Hold: -1})
	shown := 0
	reconciler := reconcile.New(func(op stream.Op) error {
		if op.Kind == stream.Create {
			shown++
		}
		return nil
	}, nil)
	ops := gather(t, b, func(ops []stream.Op) bool {
		reconciler.Emit(ops[len(ops)-1])
		return strings.HasSuffix(ops[len(ops)-1].ID, "/p19")
	})
	want := strconv.FormatInt(began.Add(12*time.Second-rewind).UnixMicro(), 10)
	if got := f.connections()[1].Get("cursor"); got != want {
		t.Errorf("the second connection asked for %q, want %q", got, want)
	}
	if got := len(only(ops, stream.Create)); got != 13+13 || shown != 20 || len(only(ops, stream.Gap)) != 0 {
		t.Errorf("%d posts came, %d gaps, and %d were shown; want 26, none and 20", got, len(only(ops, stream.Gap)), shown)
	}
}

func TestBluesky_AnOverlapOf200EventsIsShownOnce(t *testing.T) {
	f := &fakeJetstream{play: func(n int, c *fakeConn) {
		for i := range 300 {
			c.say(postNow(mio, "p"+strconv.Itoa(i+(n-1)*100)))
		}
		if n > 1 {
			c.stay()
		}
	}}
	shown := map[string]int{}
	reconciler := reconcile.New(func(op stream.Op) error {
		if op.Kind == stream.Create {
			shown[op.ID]++
		}
		return nil
	}, nil)
	enough := creates(600)
	gather(t, f.overTCP(t, &Source{Hold: -1}), func(ops []stream.Op) bool {
		reconciler.Emit(ops[len(ops)-1])
		return enough(ops)
	})
	for id, n := range shown {
		if n != 1 {
			t.Errorf("%s was shown %d times", id, n)
		}
	}
	if len(shown) != 400 {
		t.Errorf("%d posts were shown, want 400", len(shown))
	}
}

func TestBluesky_PostsOfADeletedAccountAreNotReleased(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.say(postNow(mio, "waits"), postNow(ren, "stays"), accountEvent(mio, time.Now(), false, "takendown"))
			c.stay()
		}}
		f.know(ren, profile{Handle: "ren.example"})
		got := happened(gather(t, f.overPipes(t, &Source{}), creates(1)))
		if d := cmp.Diff([]string{"author_gone mio ", "create stays ren.example"}, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestBluesky_EndsWithinASecondInEveryState(t *testing.T) {
	for name, f := range map[string]*fakeJetstream{
		"in the handshake": {refuse: func(int, http.ResponseWriter) bool { time.Sleep(time.Minute); return true }},
		"reading":          {play: func(_ int, c *fakeConn) { c.stay() }},
		"looking authors up": {
			play: func(_ int, c *fakeConn) { c.say(postNow(mio, "p")); c.stay() },
			look: func(int, http.ResponseWriter) bool { time.Sleep(time.Minute); return true },
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := f.overPipes(t, &Source{})
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(5*time.Second, cancel)
				began := time.Now()
				if err := b.Stream(ctx, streamtest.Ignore); !errors.Is(err, context.Canceled) || time.Since(began) > 6*time.Second {
					t.Errorf("ended with %v after %v", err, time.Since(began))
				}
			})
		})
	}
}

func TestBluesky_TheSampleIsTheSameEachTimeAndKeepsAllEditsAndDeletes(t *testing.T) {
	f := &fakeJetstream{play: func(_ int, c *fakeConn) {
		for i := range 4000 {
			c.say(postNow(mio, "3k"+strconv.Itoa(10_000+i)))
		}
		for i := range 100 {
			rkey := "3k" + strconv.Itoa(10_000+i)
			c.say(commitEvent("update", mio, rkey, time.Now(), recordOf("y", "")), commitEvent("delete", mio, rkey, time.Now(), ""))
		}
		c.say(accountEvent(mio, time.Now(), false, "deleted"))
		c.stay()
	}}
	run := func() []stream.Op {
		return gather(t, f.overTCP(t, &Source{Sample: 0.1, Hold: -1}), untilKinds(1, stream.AuthorGone))
	}
	first, second := run(), run()
	if d := cmp.Diff(happened(first), happened(second)); d != "" {
		t.Errorf("another sample the second time:\n%s", d)
	}
	if n := len(only(first, stream.Create)); n < 300 || n > 500 {
		t.Errorf("%d of 4000 posts came, want about 400", n)
	}
	if u, d := len(only(first, stream.Update)), len(only(first, stream.Destroy)); u != 100 || d != 100 {
		t.Errorf("%d updates and %d deletes came, want all 100 of each", u, d)
	}
}

func TestBluesky_InvalidSettingsEndTheSourceForGood(t *testing.T) {
	err := stream.Run(t.Context(), streamtest.Quiet, &Source{DIDs: []string{"mio.example"}}, streamtest.Ignore)
	if !stream.IsPermanent(err) || !strings.Contains(err.Error(), "no DID") {
		t.Errorf("got %v, want what is wrong, for good", err)
	}
}

func TestBluesky_IsNamedAfterItsAuthorsOrItsSample(t *testing.T) {
	for want, b := range map[string]*Source{
		"bluesky": {}, "bluesky 5%": {Sample: 0.05}, "bluesky 1 author": {DIDs: []string{mio}}, "bluesky 2 authors": {DIDs: []string{mio, ren}},
	} {
		if got := b.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
