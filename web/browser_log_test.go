package web_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"nagare/web"
)

// requested records the paths that the site is asked for.
func (s *site) requested() (count func(path string) int) {
	var mu sync.Mutex
	paths := map[string]int{}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.handler
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		paths[r.URL.Path]++
		mu.Unlock()
		next.ServeHTTP(w, r)
	})
	return func(path string) int {
		mu.Lock()
		defer mu.Unlock()
		return paths[path]
	}
}

// throughCache puts nginx with deploy/nginx-cache.conf in front of the site.
func (s *site) throughCache(t *testing.T) {
	s.url = "http://" + web.RunNginx(t, strings.TrimPrefix(s.url, "http://"), "nginx-cache.conf", "", "/var/cache/nginx", t.TempDir())
}

// Three readers cost little more than one.
func TestPage_FollowsTheLogThroughACache(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2000)
	s.publish(30)
	requests := s.requested()
	s.throughCache(t)
	var readers []*tab
	for range 3 {
		readers = append(readers, openLive(t, s, "/?transport=poll"))
	}
	for _, b := range readers {
		b.waitStatus("Live")
	}
	for n := 31; n <= 35; n++ {
		s.publish(1)
		for _, b := range readers {
			b.waitShown(n)
		}
	}
	readers[0].followsChanges(s)
	before := requests("/log/streaming")
	for range 4 {
		s.publish(1)
		for _, b := range readers {
			b.waitPosition(int(s.channel.Tip().Offset))
		}
	}
	if got := requests("/log/streaming") - before; got > 8 {
		t.Errorf("%d requests for four posts and three readers, want about one for each post", got)
	}
	for _, b := range readers {
		b.waitStatus("Live")
		b.wantGaps(0)
	}
	if n := requests("/websocket") + requests("/streaming/events") + requests("/streaming.ndjson"); n > 0 {
		t.Errorf("%d requests for other transports", n)
	}
}

func TestPage_TheOperatorChoosesTheTransport(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2000, func(c *web.Config) { c.Transport = "poll" })
	s.publish(30)
	requests := s.requested()
	b := openLive(t, s, "/")
	s.publish(250) // more than a chunk has
	b.waitPosition(280)
	b.waitStatus("Live")
	b.wantGaps(0)
	if states := eval[[]string](b, `seen.states`); slices.Contains(states, "reconnecting") {
		t.Errorf("the page was %v", states)
	}
	if requests("/websocket") > 0 || requests("/log/streaming") == 0 {
		t.Errorf("%d WebSockets, %d requests for the log", requests("/websocket"), requests("/log/streaming"))
	}
	b = openLive(t, s, "/?transport=websocket")
	if requests("/websocket") != 1 {
		t.Errorf("%d WebSockets for the page that asks for one", requests("/websocket"))
	}
	s.publish(1)
	b.waitShown(281)
}

func TestPage_AGapInTheLogIsShownInTheList(t *testing.T) {
	t.Parallel()
	for name, restarts := range map[string]bool{"too many events": false, "a restart": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 50)
			s.publish(30)
			b := openLive(t, s, "/?transport=poll", preload(heldPolls))
			b.run(`void (globalThis.hold = true)`)
			s.publish(1)
			b.wait(`globalThis.held`)
			if restarts {
				s.stop()
				s.start()
			}
			s.publish(400)
			b.run(`globalThis.hold = false; held()`)
			b.wait(`document.querySelector("#feed > .gap")`)
			b.waitPosition(400)
			b.waitStatus("Live")
			b.wantGaps(1)
		})
	}
}

func TestPage_ReturnsToTheLogAfterTheSiteWasDown(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	p := s.behindProxy("/log/streaming", 0)
	b := openLive(t, s, "/?transport=poll")
	p.status.Store(http.StatusBadGateway)
	s.publish(1) // ends the poll, if one waits
	b.waitState("reconnecting")
	s.publish(3)
	p.open()
	b.waitShown(9)
	b.waitStatus("Live")
	b.wantGaps(0)
}

func TestPage_AFilteredPageFollowsTheLog(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2000)
	s.publish(30)
	b := openLive(t, s, "/?q=from:reader3&transport=poll")
	for _, n := range []int{39, 48, 345} { // the posts of reader3 are every ninth
		s.publish(n - int(s.posts.Load()))
		b.waitShown(n)
	}
	b.waitStatus("Live")
	b.wantGaps(0)
	if others := eval[[]string](b, `[...document.querySelectorAll("#feed .tweet")].map(card => card.dataset.seq).filter(n => n % 9 !== 3)`); len(others) > 0 {
		t.Errorf("posts %v, want only those of reader3", others)
	}
}
