package mastodon

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// afterABreak makes the server send post 1 and break the first stream. Then it calls meanwhile,
// and leaves the second stream open.
func afterABreak(f *fakeServer, meanwhile func()) *fakeServer {
	f.play = func(n int, s *wire) {
		if n == 1 {
			first := postJSON(1)
			f.publish(first)
			s.update(first)
			meanwhile()
			return
		}
		s.stay()
	}
	return f
}

// publishMany adds the posts with the ids from and to, and all between, to the timeline.
func (f *fakeServer) publishMany(from, to int) {
	for id := from; id <= to; id++ {
		f.publish(postJSON(id))
	}
}

func gapsIn(ops []stream.Op) []*stream.Notice {
	var gaps []*stream.Notice
	for _, op := range ops {
		if op.Kind == stream.Gap {
			gaps = append(gaps, op.Notice)
		}
	}
	return gaps
}

func TestMastodon_BackfillsABreakWithoutHolesOrDuplicates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		f.play = func(n int, s *wire) {
			if n == 1 {
				f.publishMany(1, 3)
				for id := 1; id <= 3; id++ {
					s.update(postJSON(id))
				}
				f.publishMany(4, 103)
				s.freeze()
				return
			}
			// Clearly after the stream was opened, although Date has whole seconds only.
			live := postJSON(104, map[string]any{"created_at": time.Now().Add(time.Second).UTC().Format(time.RFC3339)})
			f.publish(live)
			s.update(live)
			s.stay()
		}
		ops := run(t, f.overPipes(t), func(ops []stream.Op) bool { return len(summary(ops)) == 3+1+101 })
		if got := f.pauses()[0]; got < longestSilence || got > longestSilence+time.Second {
			t.Errorf("reconnected after %v, want the 45 s of silence and the first wait", got)
		}
		want := []string{"public?limit=40&min_id=3", "public?limit=40&min_id=43", "public?limit=40&min_id=83"}
		if d := cmp.Diff(want, f.requests("/api/v1/timelines/")); d != "" {
			t.Error(d)
		}
		seen := map[string]int{}
		for _, op := range reconciled(t, ops) {
			if op.Kind == stream.Create {
				seen[op.ID]++
			}
		}
		for id := 1; id <= 104; id++ {
			if n := seen[keyOf(id)]; n != 1 {
				t.Errorf("post %d was shown %d times", id, n)
			}
		}
		if gaps := gapsIn(ops); len(gaps) != 0 {
			t.Errorf("reported a gap: %+v", gaps[0])
		}
	})
}

func TestMastodon_ReportsAGapIfMoreWasMissedThanFivePages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		afterABreak(f, func() {
			for id := 2; id <= 300; id++ {
				time.Sleep(time.Millisecond)
				f.publish(postJSON(id))
			}
		})
		ops := run(t, f.overPipes(t), func(ops []stream.Op) bool { return ops[len(ops)-1].Kind == stream.Gap })
		if n := len(f.requests("/api/v1/timelines/")); n != mostPages {
			t.Errorf("requested %d pages, want %d", n, mostPages)
		}
		lines := summary(ops)
		if got := lines[len(lines)-2]; got != "create 201" {
			t.Errorf("the last before the gap is %q, want the 200th that was missed", got)
		}
		gap, last := gapsIn(ops)[0], ops[len(ops)-2].Post
		if !gap.From.Equal(last.CreatedAt) || gap.To.Sub(f.opened[1]).Abs() > time.Second || gap.Reason != errTooManyMissed.Error() {
			t.Errorf("got %+v, want from %v to %v", gap, last.CreatedAt, f.opened[1])
		}
	})
}

func TestMastodon_ResumesAfterARestart(t *testing.T) {
	f := &fakeServer{play: func(_ int, s *wire) { s.update(postJSON(7)); s.update(postJSON(8)); s.stay() }}
	saved := new(streamtest.Texts)
	first := f.overTCP(t)
	first.Store = saved
	run(t, first, until(8)) // run ends at 8 without acknowledging it, so 8 must be emitted again
	if got := f.requests("/api/v1/timelines/"); len(got) != 0 {
		t.Errorf("the first start looked up %q", got)
	}
	f.publishMany(7, 9)
	f.play = func(_ int, s *wire) { s.stay() }
	second := &Source{Server: first.Server, Token: token, Log: streamtest.Quiet, Store: saved}
	if d := cmp.Diff([]string{"create 8", "create 9"}, summary(run(t, second, until(9)))); d != "" {
		t.Error(d)
	}
	other := &Source{Server: first.Server, Timeline: "#go", Token: token, Log: streamtest.Quiet, Store: saved}
	other.start()
	if other.delivered.cursor.id != "" {
		t.Errorf("another timeline has the position %q", other.delivered.cursor.id)
	}
}

func TestMastodon_FindsThePostOfADeleteAfterARestart(t *testing.T) {
	saved := new(streamtest.Texts)
	f := &fakeServer{play: func(_ int, s *wire) { s.update(postJSON(7)); s.update(postJSON(8)); s.stay() }}
	f.publishMany(7, 8)
	first := f.overTCP(t)
	first.Store = saved
	run(t, first, until(8))
	f.play = func(_ int, s *wire) { s.event("delete", "7"); s.stay() }
	second := &Source{Server: first.Server, Token: token, Log: streamtest.Quiet, Store: saved}
	got := summary(run(t, second, until(7)))
	if got[len(got)-1] != "destroy 7" {
		t.Errorf("got %q", got)
	}
}

// The second stream sends a newer post before it breaks. The backfill of the third stream must
// still begin at the first missed post.
func TestMastodon_LeavesNoHoleIfTheStreamBreaksDuringABackfill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		broken := make(chan struct{})
		afterABreak(f, func() { f.publishMany(2, 90) })
		f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("min_id") == "41" && len(f.requests("/api/v1/streaming")) == 2 {
				close(broken)
				<-r.Context().Done()
				return true
			}
			return false
		}
		play := f.play
		f.play = func(n int, s *wire) {
			if n == 2 {
				s.update(postJSON(91))
				f.publish(postJSON(91))
				<-broken
				return
			}
			play(n, s)
		}
		shown := map[string]int{}
		for _, op := range reconciled(t, run(t, f.overPipes(t), func(ops []stream.Op) bool {
			return ops[len(ops)-1].ID == keyOf(91) && len(f.opened) == 3
		})) {
			shown[op.ID]++
		}
		for id := 1; id <= 91; id++ {
			if n := shown[keyOf(id)]; n != 1 {
				t.Errorf("post %d was shown %d times", id, n)
			}
		}
		if got := f.requests("/api/v1/timelines/public?limit=40&min_id=41"); len(got) != 2 {
			t.Errorf("requested %q", f.requested)
		}
	})
}

func TestMastodon_RetriesABackfillAndReportsAGapIfAllAttemptsFail(t *testing.T) {
	for name, test := range map[string]struct {
		code, times int
		want        []string
		requests    int
	}{
		"twice":    {http.StatusBadGateway, 2, []string{"create 1", "create 2", "create 3"}, 4},
		"always":   {http.StatusBadGateway, 99, []string{"create 1", "gap"}, 3},
		"for good": {http.StatusForbidden, 99, []string{"create 1", "gap"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeServer{}
				afterABreak(f, func() { time.Sleep(10 * time.Second); f.publishMany(2, 3) })
				left := test.times
				f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
					if !strings.HasPrefix(r.URL.Path, "/api/v1/timelines/") || left == 0 {
						return false
					}
					left--
					http.Error(w, `{"error":"no"}`, test.code)
					return true
				}
				ops := run(t, f.overPipes(t), func(ops []stream.Op) bool {
					return len(summary(ops)) == len(test.want) && len(f.requests("/api/v1/timelines/")) >= min(test.requests, 3)
				})
				if d := cmp.Diff(test.want, summary(ops)); d != "" {
					t.Error(d)
				}
				if gaps := gapsIn(ops); len(gaps) > 0 && (!strings.Contains(gaps[0].Reason, fmt.Sprint(test.code)) || !gaps[0].From.Before(gaps[0].To)) {
					t.Errorf("got %+v", gaps[0])
				}
			})
		})
	}
}

func TestMastodon_AppliesADeleteThatArrivesBeforeItsPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		deleted := make(chan struct{})
		afterABreak(f, func() { f.publishMany(2, 4) })
		play := f.play
		f.play = func(n int, s *wire) {
			if n == 2 {
				s.event("delete", "3")
				s.update(postJSON(5)) // tells the test that the delete has arrived
			}
			play(n, s)
		}
		f.refuse = func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(r.URL.Path, "/api/v1/timelines/") {
				<-deleted // the response still has the deleted post
			}
			return false
		}
		ops := run(t, f.overPipes(t), func(ops []stream.Op) bool {
			if ops[len(ops)-1].ID == keyOf(5) {
				close(deleted)
			}
			return ops[len(ops)-1].ID == keyOf(4)
		})
		if d := cmp.Diff([]string{"create 1", "create 5", "create 2", "destroy 3", "create 4"}, summary(ops)); d != "" {
			t.Error(d)
		}
	})
}
