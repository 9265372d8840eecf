package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
	"nagare/store"
)

// slow is a history in which a search ends only once it may.
type slow struct {
	History
	begun chan struct{} // gets an item for each search
	may   chan struct{}
}

func (s slow) Records(ctx context.Context, channel string, q store.Query) ([]store.Record, hub.Position, error) {
	if q.Match == nil {
		return s.History.Records(ctx, channel, q)
	}
	s.begun <- struct{}{}
	select {
	case <-s.may:
		return s.History.Records(ctx, channel, q)
	case <-ctx.Done():
		return nil, hub.Position{}, ctx.Err()
	}
}

// While as many searches run as may, another one shows what the log holds after two seconds, and all
// other pages are served at once.
func TestView_SlowSearchesHoldUpNoOtherPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := slow{begun: make(chan struct{}, 100), may: make(chan struct{})}
		f := stored(t, func(h History) History { s.History = h; return s }, forwarded)
		f.emit(creates(1, 50)...)
		var searches sync.WaitGroup
		for i, word := range []string{"one", "two", "three", "four"} {
			searches.Go(func() { f.get("/?q="+word, "X-Forwarded-For", fmt.Sprint("192.0.2.", 101+i)) })
		}
		for range searchesAtOnce {
			<-s.begun
		}
		begun := time.Now()
		for _, path := range []string{"/", linkOf(f.get("/").Body.String(), "older")} {
			if w := f.get(path); w.Code != http.StatusOK || len(shownOn(w.Body.String())) == 0 {
				t.Errorf("%s: got %d", path, w.Code)
			}
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("other pages took %v", took)
		}
		page := f.get("/?q=words").Body.String()
		if took := time.Since(begun); took != searchPatience || !slices.Equal(shownOn(page), countdown(50, 31)) || !strings.Contains(page, "Older posts can’t be reached at present.") {
			t.Errorf("after %v, another search shows %v", took, shownOn(page))
		}
		if len(s.begun) > 0 {
			t.Error("more searches run than may")
		}
		close(s.may)
		searches.Wait()
		if got := shownOn(f.get("/?q=words").Body.String()); !slices.Equal(got, countdown(50, 21)) {
			t.Errorf("afterwards, it shows %v", got)
		}
	})
}

// Simultaneous requests for one page share its rendering, and so its search.
func TestView_SimultaneousRequestsShareASearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := slow{begun: make(chan struct{}, 100), may: make(chan struct{})}
		f := stored(t, func(h History) History { s.History = h; return s })
		f.emit(creates(1, 50)...)
		var requests sync.WaitGroup
		pages := make(chan string, 20)
		for range 20 {
			requests.Go(func() { pages <- f.get("/?q=words").Body.String() })
		}
		synctest.Wait()
		close(s.may)
		requests.Wait()
		if n := len(s.begun); n != 1 {
			t.Errorf("%d searches, want 1", n)
		}
		for first := <-pages; len(pages) > 0; {
			if page := <-pages; page != first || len(shownOn(page)) != 30 {
				t.Error("the requests got different pages")
			}
		}
	})
}

func TestTurns_AreFreeAgainAfterEachTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(2, time.Second)
		first, _ := turns.take(t.Context())
		turns.take(t.Context())
		if _, ok := turns.take(t.Context()); ok {
			t.Error("a third task runs")
		}
		first()
		if _, ok := turns.take(t.Context()); !ok {
			t.Error("there is no turn after a task has ended")
		}
	})
}

// paged is a history that looks at three records in a call, as a store does in a search that finds little.
type paged struct{ History }

func (p paged) Records(ctx context.Context, channel string, q store.Query) ([]store.Record, hub.Position, error) {
	accept, looked := q.Match, 0
	all, _, err := p.History.Records(ctx, channel, store.Query{Before: q.Before, Limit: 4})
	var found []store.Record
	for _, r := range all {
		if looked++; looked > 3 || len(found) == q.Limit {
			return found, hub.Position{Epoch: r.First.Epoch, Offset: r.First.Offset + 1}, nil
		}
		if accept == nil || accept(&r.Index) {
			found = append(found, r)
		}
	}
	return found, hub.Position{}, err
}

func TestSelection_GoesOnWhereASearchOfTheStoreEnds(t *testing.T) {
	f := stored(t, func(h History) History { return paged{h} })
	ops := creates(1, 100)
	for n := 10; n <= 100; n += 10 {
		ops[n-1].Post.Lang = "ja"
	}
	f.emit(ops...)
	page := f.get("/lang/ja").Body.String()
	if got, want := shownOn(page), []int{100, 90, 80, 70, 60, 50, 40, 30, 20, 10}; !slices.Equal(got, want) || linkOf(page, "older") != "" {
		t.Errorf("shows %v, want %v", got, want)
	}
}

func TestView_NewerPagesLeadBackToTheNewestPosts(t *testing.T) {
	f := stored(t, whole)
	f.emit(creates(1, 400)...)
	for n := range 100 {
		f.emit(update(post(n+1, "words-"+strings.Repeat("0", n%2)+"1000."))) // these take positions, too
	}
	f.emit(creates(401, 500)...)
	for _, q := range []string{"", "q=words", "q=-words-7"} {
		path := "/?at=2001-01-01T00:00Z&" + q
		seen := map[int]bool{}
		for n := 0; path != ""; n++ {
			w := f.get(path)
			if w.Code == http.StatusSeeOther {
				path = w.Header().Get("Location")
				continue
			}
			for _, number := range shownOn(w.Body.String()) {
				seen[number] = true
			}
			if path = linkOf(w.Body.String(), "newer"); n > 60 {
				t.Fatal("there is no end")
			}
		}
		for n := 101; n <= 500; n++ {
			if !seen[n] {
				t.Errorf("%q: post %d was on no page", q, n)
			}
		}
	}
	for path, want := range map[string]string{"/?after=gone:1": "/", "/?after=x": "/", "/tag/a?after=gone:1": "/tag/a"} {
		if w := f.get(path); w.Header().Get("Location") != want {
			t.Errorf("%s leads to %q, want %q", path, w.Header().Get("Location"), want)
		}
	}
}

// uncounted is a history whose posts can't be counted.
type uncounted struct{ History }

func (uncounted) Counts(context.Context, string, time.Time, time.Duration, int) ([]int, error) {
	return nil, errors.New("away")
}

// forwarded makes a site whose requests have the client's address in X-Forwarded-For.
func forwarded(c *Config) { c.Proxies = Proxies{Router: true} }

// One client asks for more searches than may run at once; another one's search is served at once.
func TestView_TheSearchesOfOneClientHoldUpNoOtherClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := slow{begun: make(chan struct{}, 100), may: make(chan struct{}, 100)}
		f := stored(t, func(h History) History { s.History = h; return s }, forwarded)
		f.emit(creates(1, 50)...)
		var searches sync.WaitGroup
		for i := range 50 {
			searches.Go(func() { f.get(fmt.Sprint("/?q=word", i), "X-Forwarded-For", "2001:db8::1") })
			searches.Go(func() { f.get(fmt.Sprint("/feed.atom?q=word", i), "X-Forwarded-For", "2001:db8::2") })
		}
		synctest.Wait()
		if n := len(s.begun); n != searchesAtOnce/2 {
			t.Fatalf("%d searches of one client run, want %d", n, searchesAtOnce/2)
		}
		begun := time.Now()
		done := make(chan string)
		go func() { done <- f.get("/?q=words", "X-Forwarded-For", "192.0.2.7").Body.String() }()
		synctest.Wait()
		if n := len(s.begun); n != searchesAtOnce/2+1 {
			t.Fatalf("%d searches run, want that of the other client too", n)
		}
		for range 60 {
			s.may <- struct{}{}
		}
		if page := <-done; !slices.Equal(shownOn(page), countdown(50, 21)) || time.Since(begun) > 0 {
			t.Errorf("after %v, the other client's search shows %v", time.Since(begun), shownOn(page))
		}
		close(s.may)
		searches.Wait()
		if n := len(f.timeline.searches.clients); n != 0 {
			t.Errorf("%d clients are kept", n)
		}
	})
}

// A page that one client waits for among its many others is rendered for another client at once.
func TestView_APageThatABusyClientWaitsForIsServedToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := slow{begun: make(chan struct{}, 100), may: make(chan struct{})}
		f := stored(t, func(h History) History { s.History = h; return s }, forwarded)
		f.emit(creates(1, 50)...)
		older := linkOf(f.get("/").Body.String(), "older")
		var busy sync.WaitGroup
		for i := range rendersAtOnce {
			busy.Go(func() { f.get(fmt.Sprint("/?q=word", i), "X-Forwarded-For", "192.0.2.1") })
		}
		synctest.Wait()
		begun := time.Now()
		busy.Go(func() { f.get(older, "X-Forwarded-For", "192.0.2.1") })
		synctest.Wait()
		if w := f.get(older, "X-Forwarded-For", "192.0.2.7"); w.Code != http.StatusOK || time.Since(begun) > 0 {
			t.Errorf("got %d after %v", w.Code, time.Since(begun))
		}
		close(s.may)
		busy.Wait()
	})
}
