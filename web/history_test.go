package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"nagare/hub"
	"nagare/store"
)

// stored is a fixture whose log follows a store and holds 20 events, and whose history holds all.
func stored(t *testing.T, history func(History) History, change ...func(*Config)) *fixture {
	t.Helper()
	return newFixtureWith(t, hub.Options{Ring: 20}, append(change, func(c *Config) { c.Timeline.history = history(c.Timeline.history) })...)
}

func whole(h History) History { return h }

// pages follows the links to older posts to the end, and returns the posts on each page.
func (f *fixture) pages() (pages [][]int) {
	for path := "/"; path != ""; {
		page := f.get(path).Body.String()
		pages, path = append(pages, shownOn(page)), linkOf(page, "older")
	}
	return pages
}

func TestHistory_OlderPagesReachAsFarBackAsTheStore(t *testing.T) {
	f := stored(t, whole)
	f.emit(creates(1, 95)...)
	want := [][]int{countdown(95, 66), countdown(65, 36), countdown(35, 6), countdown(5, 1)}
	if got := f.pages(); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v", got)
	}
	f.emit(destroy(40), update(post(10, "words-1000.")), destroy(90))
	got := f.pages()
	if !slices.Contains(got[2], 1000) || slices.Contains(got[1], 40) || slices.Contains(got[0], 90) || len(got) != 4 {
		t.Errorf("after an edit and deletions: %v", got)
	}
}

// broken is a history that can't be read.
type broken struct{ History }

func (broken) Records(context.Context, string, store.Query) ([]store.Record, hub.Position, error) {
	return nil, hub.Position{}, errors.New("away")
}

func TestHistory_WhileTheStoreIsAwayThePageShowsWhatTheLogHolds(t *testing.T) {
	f := stored(t, func(h History) History { return broken{h} })
	f.emit(creates(1, 95)...)
	if got := f.pages(); len(got) != 1 || !slices.Equal(got[0], countdown(95, 76)) {
		t.Errorf("got %v", got)
	}
}

// breaking is a history that can't be read for now.
type breaking struct {
	History
	broken *atomic.Bool
}

func (b breaking) Records(ctx context.Context, channel string, q store.Query) ([]store.Record, hub.Position, error) {
	if b.broken.Load() {
		return nil, hub.Position{}, errors.New("away")
	}
	return b.History.Records(ctx, channel, q)
}

func TestHistory_OnceTheStoreIsBackThePageHasItsPostsAlthoughNoEventHasCome(t *testing.T) {
	var broken atomic.Bool
	f := stored(t, func(h History) History { return breaking{h, &broken} })
	f.emit(creates(1, 95)...)
	broken.Store(true)
	if got := f.pages(); len(got) != 1 {
		t.Fatalf("while the store is away: %v", got)
	}
	broken.Store(false)
	if got := f.pages(); len(got) != 4 {
		t.Errorf("got %v, want four pages", got)
	}
}

// unfound is a history in which no post can be looked up.
type unfound struct{ History }

func (unfound) Find(context.Context, string, ...string) ([]store.Record, error) {
	return nil, errors.New("away")
}

// A 404 would say that there is nothing to delete, although the post is still shown.
func TestIngest_WhileNoPostCanBeLookedUpRequestsAreRefusedForNow(t *testing.T) {
	f := stored(t, func(h History) History { return unfound{h} })
	f.emit(creates(1, 1)...)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"delete": f.remove("post:a-1"), "post": f.send(jsonType, `{"text":"hello","screen_name":"mio","id":"a-1"}`),
	} {
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: got %d %s, want 503 with Retry-After", name, w.Code, w.Body)
		}
	}
}

// The store also knows the posts of sources. Only those of POST can be deleted by DELETE.
func TestHistory_APostOfASourceCannotBeDeletedOverHTTP(t *testing.T) {
	f := stored(t, whole)
	f.emit(creates(1, 1)...)
	if w := f.remove(creates(1, 1)[0].ID); w.Code != http.StatusNotFound {
		t.Errorf("got %d", w.Code)
	}
}
