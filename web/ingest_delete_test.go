package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/reconcile"
)

func TestIngest_DeletesAPostThatWasPublishedHere(t *testing.T) {
	f := newFixture(t)
	const body = `{"text":"a secret","screen_name":"mio","id":"a-1"}`
	first := f.send(jsonType, body)
	w := f.remove("post:a-1")
	events, tip := f.timeline.channel.Recent(everything)
	if want := fmt.Sprintf(`{"epoch":%q,"id":"post:a-1","offset":2}`, tip.Epoch); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != want {
		t.Errorf("got %d %s, want 200 %s", w.Code, w.Body, want)
	}
	if got := string(events[len(events)-1].Data); got != `{"id":"post:a-1","reason":"author"}` {
		t.Errorf("published %s", got)
	}
	if strings.Contains(f.get("/").Body.String(), "a secret") {
		t.Error("the page still has it")
	}
	if again := f.remove("post:a-1"); again.Code != http.StatusOK || again.Body.String() != w.Body.String() {
		t.Errorf("once more: %d %s, want %s", again.Code, again.Body, w.Body)
	}
	if again := f.send(jsonType, body); again.Code != http.StatusOK || again.Body.String() != first.Body.String() {
		t.Errorf("posted once more: %d %s, want %s", again.Code, again.Body, first.Body)
	}
	if _, now := f.timeline.channel.Recent(1); now != tip {
		t.Error("a request that was repeated has published something")
	}
}

func TestIngest_RefusesToDeletePostsOfSources(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 1)...)
	f.send(jsonType, `{"text":"hello","screen_name":"mio","id":"a-1"}`)
	for _, c := range []struct {
		id, authorization, origin string
		status                    int
	}{
		{"post:a-2", "Bearer " + token, "", 404},
		{"a-1", "Bearer " + token, "", 404},
		{"replay:1", "Bearer " + token, "", 404},
		{"post:a-1", "", "", 401},
		{"post:a-1", "Bearer wrong", "", 401},
		{"post:a-1", "Bearer " + token, "https://elsewhere.example", 403},
		{"post:a-1", "Bearer " + token2, "", 200},
	} {
		pairs := []string{"Authorization", c.authorization}
		if c.origin != "" {
			pairs = append(pairs, "Origin", c.origin)
		}
		w := f.do(http.MethodDelete, "/streaming/"+c.id, nil, pairs...)
		if w.Code != c.status {
			t.Errorf("%+v: got %d %s", c, w.Code, w.Body)
		}
	}
	if kept := f.timeline.Kept(); kept != 1 {
		t.Errorf("%d posts are left, want the one of the source", kept)
	}
}

func TestIngest_CountsDeletesAgainstTheRateLimitOfPosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		for range postsAtOnce {
			f.remove("post:a-1")
		}
		if w := f.remove("post:a-1"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("got %d, want 429 with Retry-After", w.Code)
		}
	})
}

// Sources and POST /streaming share one reconciler, so that a post deleted by one is deleted for
// the other.
func TestIngest_PassesPostsAndDeletesThroughTheReconciler(t *testing.T) {
	var door func(stream.Op) error
	var through []string
	f := newFixture(t, func(c *Config) {
		timeline := c.Timeline
		door = reconcile.New(func(op stream.Op) error { return timeline.Emit(t.Context(), op) }, NewArchive(timeline, false, t.Context)).Emit
		c.Emit = func(op stream.Op) error {
			through = append(through, string(op.Kind)+" "+op.ID)
			return door(op)
		}
	})
	f.send(jsonType, `{"text":"hello","screen_name":"mio","id":"a-1"}`)
	if err := door(stream.Op{Kind: stream.Destroy, ID: "post:a-1", Reason: stream.ByModerator}); err != nil {
		t.Fatal(err)
	}
	w := f.remove("post:a-1")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"offset":2`) {
		t.Errorf("of a post that a moderator has removed: %d %s", w.Code, w.Body)
	}
	f.send(jsonType, `{"text":"hello","screen_name":"mio","id":"a-2"}`)
	f.remove("post:a-2")
	if diff := cmp.Diff([]string{"create post:a-1", "create post:a-2", "destroy post:a-2"}, through); diff != "" {
		t.Error(diff)
	}
	if kept := f.timeline.Kept(); kept != 0 {
		t.Errorf("%d posts are left", kept)
	}
}

// The reconciler asks the timeline about a post that the reconciler doesn't know.
func TestIngest_DeletesAPostThatTheReconcilerHasForgotten(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		timeline := c.Timeline
		c.Emit = func(op stream.Op) error { // a new reconciler for each op
			return reconcile.New(func(op stream.Op) error { return timeline.Emit(t.Context(), op) }, NewArchive(timeline, false, t.Context)).Emit(op)
		}
	})
	f.send(jsonType, `{"text":"hello","screen_name":"mio","id":"a-1"}`)
	if w := f.remove("post:a-1"); w.Code != http.StatusOK || f.timeline.Kept() != 0 {
		t.Errorf("got %d %s, and %d posts are left", w.Code, w.Body, f.timeline.Kept())
	}
}
