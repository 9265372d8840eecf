package mastodon

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// Clocks of computers differ by seconds, and some by minutes. Here the server's clock differs from
// ours, which is the same as ours being wrong.
func TestMastodon_ABreakIsDatedByTheServersClock(t *testing.T) {
	for _, ahead := range []time.Duration{-15 * time.Minute, -time.Minute, 0, time.Minute, 15 * time.Minute} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v ahead, restart %v", ahead, restart), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { breakWithClock(t, ahead, restart) })
			})
		}
	}
}

// breakWithClock lets the connection break, edits a post meanwhile, and requires the update, and
// that the two missed posts are late.
func breakWithClock(t *testing.T, ahead time.Duration, restart bool) {
	f := &fakeServer{ahead: ahead, batches: true}
	dated := func(id int) map[string]any {
		return postJSON(id, map[string]any{"created_at": time.Now().Add(ahead).UTC().Format(time.RFC3339Nano)})
	}
	f.play = func(n int, s *wire) {
		if n > 1 {
			s.stay()
			return
		}
		for id := 1; id <= 2; id++ {
			f.publish(dated(id))
			s.update(dated(id))
			time.Sleep(10 * time.Second)
		}
	}
	client := f.overPipes(t)
	source := func() *Source {
		return &Source{Server: client.Server, Token: token, Log: client.Log, Client: client.Client, Store: client.Store}
	}
	client.Store = new(streamtest.Texts)
	first := source()
	run(t, first, func(ops []stream.Op) bool { return ops[len(ops)-1].Kind == stream.Status && len(ops) > 3 })
	f.mu.Lock()
	f.posts[0]["content"], f.posts[0]["edited_at"] = "<p>edited</p>", time.Now().Add(ahead).UTC().Format(time.RFC3339Nano)
	f.mu.Unlock()
	f.publish(dated(3), dated(4))
	time.Sleep(5 * time.Second)
	if restart {
		first = source()
	}
	ops := run(t, first, func(ops []stream.Op) bool { return ops[len(ops)-1].Kind == stream.Update })
	if d := cmp.Diff([]string{"create 3", "create 4", "update 1"}, summary(ops)); d != "" {
		t.Errorf("ahead %v: %s", ahead, d)
	}
	for _, op := range ops {
		if op.Kind == stream.Create && !op.Post.Late {
			t.Errorf("ahead %v: %s is not late", ahead, op.ID)
		}
	}
}

func TestMastodon_AGapIsDatedByTheServersClockAndNeverRunsBackwards(t *testing.T) {
	for _, ahead := range []time.Duration{-15 * time.Minute, 0, 15 * time.Minute} {
		for name, last := range map[string]time.Duration{"dated rightly": 0, "dated in the future": time.Hour} {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeServer{ahead: ahead}
				afterABreak(f, func() {
					time.Sleep(10 * time.Second)
					for id := 2; id <= 300; id++ {
						f.publish(postJSON(id, map[string]any{"created_at": time.Now().Add(ahead + last).UTC().Format(time.RFC3339Nano)}))
					}
				})
				began := time.Now().Add(ahead)
				gap := gapsIn(run(t, f.overPipes(t), func(ops []stream.Op) bool { return ops[len(ops)-1].Kind == stream.Gap }))[0]
				if gap.To.Before(gap.From) || gap.From.Before(began) || gap.To.After(began.Add(time.Minute)) {
					t.Errorf("%v, %s: the gap is from %v to %v, and the break was at %v", ahead, name, gap.From, gap.To, began)
				}
			})
		}
	}
}

// What the stream itself sends is not late, even if the backfill has it as well.
func TestMastodon_OnlyMissedPostsAreLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		f.play = func(n int, s *wire) {
			if n == 1 {
				f.publishMany(1, 1)
				s.update(postJSON(1))
				f.publishMany(2, 2)
				return
			}
			time.Sleep(30 * time.Second)
			s.update(postJSON(9))
			s.stay()
		}
		f.refuse = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("min_id") == "1" {
				time.Sleep(5 * time.Second)
				f.publishMany(3, 3) // the stream has been open for five seconds
			}
			return false
		}
		late := map[string]bool{}
		for _, op := range run(t, f.overPipes(t), until(9)) {
			if op.Kind == stream.Create {
				late[op.ID] = op.Post.Late
			}
		}
		if d := cmp.Diff(map[string]bool{keyOf(1): false, keyOf(2): true, keyOf(3): false, keyOf(9): false}, late); d != "" {
			t.Error(d)
		}
	})
}
