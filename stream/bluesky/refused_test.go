package bluesky

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// refusing answers the lookups from number first to number last with the status code, and
// leaves the others to the fake server.
func refusing(code, first, last int) func(n int, w http.ResponseWriter) bool {
	return func(n int, w http.ResponseWriter) bool {
		if n < first || n > last {
			return false
		}
		w.WriteHeader(code)
		return true
	}
}

// untilEnd waits for the delete of the post "end".
func untilEnd(ops []stream.Op) bool { return strings.HasSuffix(ops[len(ops)-1].ID, "/end") }

func end() string { return commitEvent("delete", ren, "end", time.Now(), "") }

func lost(ops []stream.Op) (n uint64) {
	for _, op := range only(ops, stream.Lost) {
		n += op.Notice.Count
	}
	return n
}

func TestBluesky_LeavesOutPostsOfAuthorsWhoseLookUpIsRefused(t *testing.T) {
	for _, code := range []int{400, 401, 403, 404} {
		for _, hold := range []time.Duration{0, -1} {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{look: refusing(code, 1, 1000), play: func(_ int, c *fakeConn) {
					go c.stay()
					c.after(time.Second, newPost(mio, "p"), newPost(ren, "q"), newPost(mio, "r"),
						func() string { return commitEvent("update", mio, "old", time.Now(), recordOf("edited", "")) })
					c.after(20*time.Second, newPost(aoi, "s"))
					c.after(20*time.Second, end)
					time.Sleep(time.Minute)
				}}
				ops := gather(t, f.overPipes(t, &Source{Hold: hold}), untilEnd)
				want := []string{"destroy old", "destroy end"}
				if hold < 0 { // the first post arrives before the first refusal
					want = slices.Insert(want, 0, "create p did:plc:mio22222…")
				}
				if d := cmp.Diff(want, happened(ops)); d != "" {
					t.Errorf("%d, hold %v (-want +got):\n%s", code, hold, d)
				}
				if n := lost(ops); n != uint64(7-len(want)) {
					t.Errorf("%d, hold %v: %d posts are counted", code, hold, n)
				}
				s := streamtest.LastStatus(ops)
				if s.State != stream.Waiting || !strings.Contains(s.Reason, "lookups of authors are refused, posts of unknown authors are left out: "+strconv.Itoa(code)) || s.Retry.IsZero() {
					t.Errorf("%d, hold %v: the status is %+v", code, hold, s)
				}
			})
		}
	}
}

func TestBluesky_ShowsHeldPostsWhenLookUpsSucceedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{look: refusing(403, 1, 1), play: func(_ int, c *fakeConn) {
			go c.stay()
			c.say(postNow(mio, "p"), postNow(ren, "q"))
			c.after(10*time.Second, newPost(mio, "r"))
			c.after(10*time.Second, end)
			time.Sleep(time.Minute)
		}}
		f.know(mio, profile{Handle: "mio.example"})
		f.know(ren, profile{Labels: []label{{Val: "!no-unauthenticated"}}})
		ops := gather(t, f.overPipes(t, &Source{}), untilEnd)
		if d := cmp.Diff([]string{"create p mio.example", "author_gone ren ", "create r mio.example", "destroy end"}, happened(ops)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if s := streamtest.LastStatus(ops); s.State != stream.Live || s.Reason != "" {
			t.Errorf("the status is %+v, want a live source", s)
		}
	})
}

func TestBluesky_ARefusalDoesNotHideKnownAuthors(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{look: refusing(403, 2, 1000), play: func(_ int, c *fakeConn) {
			go c.stay()
			c.after(time.Second, newPost(mio, "p"), newPost(ren, "q"))
			c.after(5*time.Second, newPost(mio, "r"))
			c.after(20*time.Second, end)
			time.Sleep(time.Minute)
		}}
		f.know(mio, profile{Handle: "mio.example"})
		ops := gather(t, f.overPipes(t, &Source{}), untilEnd)
		if d := cmp.Diff([]string{"create p mio.example", "create r mio.example", "destroy end"}, happened(ops)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestBluesky_AFailureAfterARefusalShowsNoUnknownAuthor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(n int, c *fakeConn) {
			go c.stay()
			if c.after(time.Second, newPost(mio, "p"), newPost(ren, "q")); n == 1 {
				return // on the next connection lookups are refused as well
			}
			c.after(20*time.Second, newPost(aoi, "r"))
			c.after(15*time.Second, end)
			time.Sleep(time.Minute)
		}}
		f.look = func(n int, w http.ResponseWriter) bool {
			if n == 1 {
				http.Error(w, `{"error":"Forbidden"}`, http.StatusForbidden)
			} else {
				w.WriteHeader(http.StatusBadGateway)
			}
			return true
		}
		ops := gather(t, f.overPipes(t, &Source{}), untilEnd)
		if d := cmp.Diff([]string{"destroy end"}, happened(ops)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if s := streamtest.LastStatus(ops); s.State != stream.Waiting || s.Fault != stream.FaultRefused {
			t.Errorf("the status is %+v", s)
		}
	})
}

func TestBluesky_OneInvalidAuthorDoesNotHideTheOthers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const authors = 40
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			go c.stay()
			c.say(postNow(mio, "invalid"))
			for i := range authors {
				c.say(postNow("did:plc:author"+strconv.Itoa(i), "p"+strconv.Itoa(i)))
			}
			c.after(20*time.Second, end)
			time.Sleep(time.Minute)
		}}
		f.look = func(n int, w http.ResponseWriter) bool {
			if slices.Contains(f.lookUps()[n-1], mio) {
				w.WriteHeader(http.StatusBadRequest)
				return true
			}
			return false
		}
		ops := gather(t, f.overPipes(t, &Source{}), untilEnd)
		if n := len(only(ops, stream.Create)); n != authors || lost(ops) != 1 {
			t.Errorf("%d posts are shown and %d left out, want %d and 1", n, lost(ops), authors)
		}
	})
}
