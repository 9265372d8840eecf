package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestMastodon_ReportsAGapIfNoPostCameBeforeABreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{play: func(n int, s *wire) {
			if n > 1 {
				s.stay()
				return
			}
			time.Sleep(10 * time.Second)
		}}
		ops := run(t, f.overPipes(t), func(ops []stream.Op) bool { return ops[len(ops)-1].Kind == stream.Gap })
		if gap := gapsIn(ops)[0]; gap.From.IsZero() || !gap.From.Before(gap.To) {
			t.Errorf("got %+v", gap)
		}
	})
}

func TestMastodon_FindsEditsAndDeletesOfABreak(t *testing.T) {
	for _, every := range []bool{false, true} {
		t.Run(fmt.Sprintf("many at once %v", every), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeServer{batches: every}
				f.play = func(n int, s *wire) {
					if n > 1 {
						s.stay()
						return
					}
					for id := 1; id <= 4; id++ {
						f.publishMany(id, id)
						s.update(postJSON(id))
					}
					time.Sleep(10 * time.Second)
					f.mu.Lock()
					defer f.mu.Unlock()
					f.posts = append(f.posts[:1], f.posts[2:]...) // 2 is deleted, 3 is edited
					f.posts[1]["content"], f.posts[1]["edited_at"] = "<p>edited</p>", time.Now().Add(time.Second).UTC().Format(time.RFC3339)
				}
				ops := run(t, f.overPipes(t), func(ops []stream.Op) bool {
					s := strings.Join(summary(ops), ",")
					return strings.Contains(s, "destroy 2") && strings.Contains(s, "update 3")
				})
				for _, s := range summary(ops)[4:] {
					if s != "destroy 2" && s != "update 3" {
						t.Errorf("got also %q after the break", s)
					}
				}
			})
		})
	}
}

func TestMastodon_RemovesAPostThatIsNoLongerPublic(t *testing.T) {
	hidden := map[string]any{"visibility": "private"}
	t.Run("by an edit", func(t *testing.T) {
		f := &fakeServer{play: func(_ int, s *wire) {
			s.update(postJSON(1))
			s.update(postJSON(3, map[string]any{"reblog": postJSON(2)}))
			for _, id := range []int{1, 2, 9} { // 9 is unknown
				s.event("status.update", document(postJSON(id, hidden)))
			}
			s.event("status.update", document(postJSON(1)))
			s.update(postJSON(4))
			s.stay()
		}}
		want := []string{"create 1", "create 3 of 2", "destroy 1", "destroy 2", "destroy 1", "create 4"}
		if d := cmp.Diff(want, summary(run(t, f.overTCP(t), until(4)))); d != "" {
			t.Error(d)
		}
	})
	t.Run("during a break", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeServer{batches: true}
			afterABreak(f, func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.posts[0] = postJSON(1, map[string]any{"visibility": "direct"})
			})
			ops := run(t, f.overPipes(t), func(ops []stream.Op) bool { return ops[len(ops)-1].Kind == stream.Destroy })
			if d := cmp.Diff([]string{"create 1", "destroy 1"}, summary(ops)); d != "" {
				t.Error(d)
			}
		})
	})
	t.Run("in a recording", func(t *testing.T) {
		d := new(Decoder)
		decode := func(name string, post map[string]any) (stream.Op, error) {
			return d.Decode(stream.Message{Fields: stream.Fields{{Name: []byte("event"), Value: json.RawMessage(strconv.Quote(name))}, {Name: []byte("data"), Value: json.RawMessage(document(post))}}})
		}
		first, err1 := decode("update", postJSON(1))
		then, err2 := decode("status.update", postJSON(1, hidden))
		if err1 != nil || err2 != nil || first.Kind != stream.Create || then.Kind != stream.Destroy || then.ID != first.ID {
			t.Errorf("got %s, %v, then %s of %s, %v", first.Kind, err1, then.Kind, then.ID, err2)
		}
	})
}

// A proxy that answers 404 for some time says nothing about posts.
func TestMastodon_EmitsNoDeleteIfSomethingInFrontOfTheServerAnswers404(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		afterABreak(f, func() {})
		f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/api/v1/statuses") {
				return false
			}
			if r.URL.Path == "/api/v1/statuses" {
				http.Error(w, `{"error":"no"}`, http.StatusNotFound)
			} else {
				http.Error(w, "<html><title>Not found</title>", http.StatusNotFound)
			}
			return true
		}
		var ops []stream.Op
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := stream.Run(ctx, streamtest.Quiet, f.overPipes(t), func(op stream.Op) error { ops = append(ops, op); return nil }); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"create 1"}, summary(ops)); d != "" || len(f.requests("/api/v1/statuses/1")) == 0 {
			t.Errorf("%s, requested %q", d, f.requested)
		}
	})
}

func TestMastodon_EmitsNoDeleteIfALookUpIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		afterABreak(f, func() {})
		f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/api/v1/statuses") {
				return false
			}
			http.Error(w, `{"error":"no"}`, map[bool]int{true: http.StatusNotFound, false: http.StatusForbidden}[r.URL.Path == "/api/v1/statuses"])
			return true
		}
		m := f.overPipes(t)
		var ops []stream.Op
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := stream.Run(ctx, streamtest.Quiet, m, func(op stream.Op) error { ops = append(ops, op); return nil }); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"create 1"}, summary(ops)); d != "" {
			t.Error(d)
		}
		if n := len(f.requests("/api/v1/statuses/1")); n != 1 {
			t.Errorf("requested %q", f.requested)
		}
	})
}
