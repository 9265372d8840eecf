package durable_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"nagare/hub"
)

func TestRequest_AWrongOneIsAnsweredWithOneLine(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		s.publish(1, 3)
		for query, want := range map[string]string{
			"?offset=":                                "offset: want -1, now, or the Stream-Next-Offset of a response",
			"?offset=1,2":                             "offset: want -1, now, or the Stream-Next-Offset of a response",
			"?offset=a%20b":                           "offset: want -1, now, or the Stream-Next-Offset of a response",
			"?offset=lz4k2:42":                        "offset: want -1, now, or the Stream-Next-Offset of a response",
			"?offset=lz4k2_42":                        "offset: want -1, now, or the Stream-Next-Offset of a response",
			"?offset=lz4k2_9007199254740992":          "offset: want -1, now, or the Stream-Next-Offset of a response",
			"?offset=-2":                              "offset: want -1, now, or the Stream-Next-Offset of a response",
			"?offset=NOW":                             "offset: want -1, now, or the Stream-Next-Offset of a response",
			"?offset=-1&offset=now":                   "offset: want one",
			"?live=long-poll":                         "offset: want one",
			"?live=sse":                               "offset: want one",
			"?live=":                                  "live: want long-poll or sse",
			"?offset=now&live=websocket":              "live: want long-poll or sse",
			"?offset=now&live=sse&live=long-poll":     "live: want long-poll or sse",
			"?offset=now&cursor=-1":                   "cursor: want the Stream-Cursor of a response",
			"?offset=now&cursor=1&cursor=2":           "cursor: want the Stream-Cursor of a response",
			"?offset=now&cursor=9007199254740992":     "cursor: want the Stream-Cursor of a response",
			"?offset=now&cursor=":                     "cursor: want the Stream-Cursor of a response",
			"?offset=now;live=sse":                    "query: want parameters such as offset=-1&live=sse",
			"?offset=%zz":                             "query: want parameters such as offset=-1&live=sse",
			"?offset=" + strings.Repeat("9", 100_000): "offset: want -1, now, or the Stream-Next-Offset of a response",
		} {
			r := s.get(query)
			if r.StatusCode != http.StatusBadRequest || r.body != want+"\n" || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%.60s: %s %q, want %q", query, r.Status, r.body, want)
			}
		}
		if r := s.get("?offset=-1&foo=bar&baz"); r.StatusCode != http.StatusOK {
			t.Errorf("with unknown parameters: %s", r.Status)
		}
	})
}

func TestRequest_OnlyReadingIsPossible(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		s.publish(1, 3)
		for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
			if r := s.do(method, ""); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
				t.Errorf("%s: %s %v", method, r.Status, r.Header)
			}
		}
		if r := s.do("HEAD", "?offset=-1"); r.StatusCode != http.StatusOK || r.Header.Get("Stream-Next-Offset") != s.offset(3) || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("HEAD: %s %v", r.Status, r.Header)
		}
	})
}

func TestOrigin_PagesOfOthersReadOnlyAnOpenStream(t *testing.T) {
	for _, open := range []bool{false, true} {
		bubble(t, hub.Options{}, open, func(t *testing.T, s *served) {
			s.publish(1, 3)
			want, origin, policy := http.StatusForbidden, "", "same-origin"
			if open {
				want, origin, policy = http.StatusOK, "*", "cross-origin"
			}
			for _, query := range []string{"?offset=-1", "?offset=now&live=sse", "?live=long-poll&offset=-1", "?offset=other_0000000000000001"} {
				res := s.start("GET", query, "Origin", "https://elsewhere.example")
				res.Body.Close()
				if gone := strings.Contains(query, "other") && open && res.StatusCode == http.StatusGone; res.StatusCode != want && !gone {
					t.Errorf("%s: %s, want %d", query, res.Status, want)
				}
				if got := res.Header.Get("Access-Control-Allow-Origin"); got != origin || res.Header.Get("Cross-Origin-Resource-Policy") != policy || res.Header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: %v, want origin %q and %s", query, res.Header, origin, policy)
				}
			}
			wait := s.later("?offset=now&live=long-poll")
			s.publish(4, 1)
			for _, r := range []reply{wait(), s.get("?offset=-1")} {
				exposed := r.Header.Get("Access-Control-Expose-Headers")
				for _, name := range []string{"Stream-Next-Offset", "Stream-Cursor", "Stream-Up-To-Date", "ETag"} {
					if strings.Contains(exposed, name) != open {
						t.Errorf("exposes %q", exposed)
					}
				}
			}
			preflight := s.do("OPTIONS", "", "Origin", "https://elsewhere.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match")
			if preflight.StatusCode != http.StatusNoContent || open && preflight.Header.Get("Access-Control-Allow-Headers") != "If-None-Match" {
				t.Errorf("preflight: %s %v", preflight.Status, preflight.Header)
			}
		})
	}
}

// As when a source begins whose posts must not be passed on.
func TestOrigin_EventsThatCloseTheStreamAreReadByNoPageOfAnother(t *testing.T) {
	bubble(t, hub.Options{}, true, func(t *testing.T, s *served) {
		origin := []string{"Origin", "https://elsewhere.example"}
		polls := make(chan reply, 1)
		go func() { polls <- s.get("?offset=now&live=long-poll", origin...) }()
		foreign := s.start("GET", "?offset=now&live=sse", origin...)
		defer foreign.Body.Close()
		in := newEventReader(s, foreign)
		in.position()
		own := s.start("GET", "?offset=now&live=sse")
		defer own.Body.Close()
		ownIn := newEventReader(s, own)
		ownIn.position()
		synctest.Wait()
		s.open.Store(false)
		s.publish(1, 1)
		if r := <-polls; r.Header.Get("Access-Control-Allow-Origin") != "" || r.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("the long poll: %v", r.Header)
		}
		if in.lines.Scan() {
			t.Errorf("the event stream of a page says %q", in.lines.Text())
		}
		if got := ownIn.next("data"); !slices.Equal(numbers(t, got), []int{1}) {
			t.Errorf("the event stream of the site itself has %s", got)
		}
	})
}
