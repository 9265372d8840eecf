package stream

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMastodon_WithoutAPostToGoOnFromABreakIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeMasto{play: func(n int, s *mastoWire) {
			if n > 1 {
				s.stay()
				return
			}
			time.Sleep(10 * time.Second)
		}}
		ops := toldBy(t, f.overPipes(t), func(ops []Op) bool { return ops[len(ops)-1].Kind == Gap })
		if gap := gapsIn(ops)[0]; gap.From.IsZero() || !gap.From.Before(gap.To) {
			t.Errorf("got %+v", gap)
		}
	})
}

func TestMastodon_LooksUpWhatBecameOfThePostsMetLast(t *testing.T) {
	for _, every := range []bool{false, true} {
		t.Run(fmt.Sprintf("many at once %v", every), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeMasto{every: every}
				f.play = func(n int, s *mastoWire) {
					if n > 1 {
						s.stay()
						return
					}
					for id := 1; id <= 4; id++ {
						f.publishMany(id, id)
						s.update(mastoPost(id))
					}
					time.Sleep(10 * time.Second)
					f.mu.Lock()
					defer f.mu.Unlock()
					f.posts = append(f.posts[:1], f.posts[2:]...) // 2 is deleted, 3 is edited
					f.posts[1]["content"], f.posts[1]["edited_at"] = "<p>edited</p>", time.Now().Add(time.Second).UTC().Format(time.RFC3339)
				}
				ops := toldBy(t, f.overPipes(t), func(ops []Op) bool {
					s := strings.Join(story(ops), ",")
					return strings.Contains(s, "destroy 2") && strings.Contains(s, "update 3")
				})
				for _, s := range story(ops)[4:] {
					if s != "destroy 2" && s != "update 3" {
						t.Errorf("after the break came %q too", s)
					}
				}
			})
		})
	}
}

func TestMastodon_4_6_10_APostThatIsNoLongerForEverybodyGoes(t *testing.T) {
	hidden := map[string]any{"visibility": "private"}
	t.Run("by an edit", func(t *testing.T) {
		f := &fakeMasto{play: func(_ int, s *mastoWire) {
			s.update(mastoPost(1))
			s.update(mastoPost(3, map[string]any{"reblog": mastoPost(2)}))
			for _, id := range []int{1, 2, 9} { // of the last nobody has heard
				s.event("status.update", document(mastoPost(id, hidden)))
			}
			s.event("status.update", document(mastoPost(1)))
			s.update(mastoPost(4))
			s.stay()
		}}
		want := []string{"create 1", "create 3 of 2", "destroy 1", "destroy 2", "destroy 1", "create 4"}
		if d := cmp.Diff(want, story(toldBy(t, f.overTCP(t), until(4)))); d != "" {
			t.Error(d)
		}
	})
	t.Run("during a break", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeMasto{every: true}
			afterABreak(f, func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.posts[0] = mastoPost(1, map[string]any{"visibility": "direct"})
			})
			ops := toldBy(t, f.overPipes(t), func(ops []Op) bool { return ops[len(ops)-1].Kind == Destroy })
			if d := cmp.Diff([]string{"create 1", "destroy 1"}, story(ops)); d != "" {
				t.Error(d)
			}
		})
	})
	t.Run("in a recording", func(t *testing.T) {
		n := &native{}
		post, edit := document(mastoPost(1)), document(mastoPost(1, hidden))
		first, err1 := n.mastodon("update", []byte(post))
		then, err2 := n.mastodon("status.update", []byte(edit))
		if err1 != nil || err2 != nil || first.Kind != Create || then.Kind != Destroy || then.ID != first.ID {
			t.Errorf("got %s, %v, then %s of %s, %v", first.Kind, err1, then.Kind, then.ID, err2)
		}
	})
}

// A server that answers every look-up with a fault deletes nothing.
func TestMastodon_AFaultIsNoDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeMasto{}
		afterABreak(f, func() {})
		f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/api/v1/statuses") {
				return false
			}
			w.WriteHeader(map[bool]int{true: http.StatusNotFound, false: http.StatusForbidden}[r.URL.Path == "/api/v1/statuses"])
			return true
		}
		m := f.overPipes(t)
		var ops []Op
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := Run(ctx, quiet, m, func(op Op) error { ops = append(ops, op); return nil }); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"create 1"}, story(ops)); d != "" {
			t.Error(d)
		}
		if n := len(f.questions("/api/v1/statuses/1")); n != 1 {
			t.Errorf("asked %q", f.asked)
		}
	})
}
