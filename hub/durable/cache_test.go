package durable_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"nagare/hub"
)

// longestKept is how long a response with words can stay in each of three caches.
const longestKept = 20

var maxAge = regexp.MustCompile(`^public, max-age=(\d+), must-revalidate$`)

func TestCache_NothingWithWordsIsKeptForLong(t *testing.T) {
	bubble(t, hub.Options{Ring: 1000}, false, func(t *testing.T, s *served) {
		s.publish(1, 250)
		for query, want := range map[string]int{ // in seconds; 0: not at all
			"":                                        1, // the log will begin elsewhere
			"?offset=-1":                              1,
			"?live=long-poll&offset=-1":               1,
			"?offset=" + s.offset(0):                  longestKept,
			"?offset=" + s.offset(150):                longestKept,
			"?offset=" + s.offset(200):                1, // the chunk will have more events
			"?offset=" + s.offset(250):                1,
			"?live=long-poll&offset=" + s.offset(0):   longestKept,
			"?live=long-poll&offset=" + s.offset(249): longestKept, // readers come for it during some seconds
			"?live=long-poll&offset=" + s.offset(250): 1,           // 204
			"?offset=now":                             0,
			"?offset=x":                               0,
			"?offset=other_0000000000000042":          1, // 410
		} {
			r := s.get(query)
			got := r.Header.Get("Cache-Control")
			if match := maxAge.FindStringSubmatch(got); want == 0 && got != "no-store" || want > 0 && (match == nil || match[1] != strconv.Itoa(want)) {
				t.Errorf("%q: %s, Cache-Control: %s, want %d s", query, r.Status, got, want)
			}
		}
		if r := s.do(http.MethodHead, ""); r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("HEAD: %v", r.Header)
		}
		wait := s.later("?live=long-poll&offset=now")
		s.publish(251, 1)
		if r := wait(); r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("ETag") != "" {
			t.Errorf("offset=now: %v", r.Header)
		}
		res := s.start(http.MethodGet, "?live=sse&offset=now")
		res.Body.Close()
		if got := res.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
			t.Errorf("events: %s", got)
		}
	})
}

func TestCache_ADeletionChangesTheChunkAndItsETag(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		post := func(ev hub.Event) {
			if _, err := s.channel.Publish(t.Context(), ev); err != nil {
				t.Fatal(err)
			}
		}
		post(hub.Event{Name: "create", Key: "1", Data: json.RawMessage(`"secret words"`)})
		s.publish(2, 120)
		queries := []string{"?offset=" + s.offset(0), "?live=long-poll&offset=" + s.offset(0), "?offset=-1"}
		tags := map[string]string{}
		for _, query := range queries {
			r := s.get(query)
			tags[query] = r.Header.Get("ETag")
			if !strings.Contains(r.body, "secret words") || tags[query] == "" {
				t.Fatalf("%s: %v", query, r.Header)
			}
			if again := s.get(query, "If-None-Match", tags[query]); again.StatusCode != http.StatusNotModified || again.body != "" {
				t.Errorf("%s: %s for the same ETag", query, again.Status)
			}
			if again := s.get(query, "If-None-Match", `"x", W/`+tags[query]); again.StatusCode != http.StatusNotModified ||
				again.Header.Get("Stream-Next-Offset") != s.offset(100) || again.Header.Get("Cache-Control") == "no-store" {
				t.Errorf("%s: %s for the ETag of a compressed response: %v", query, again.Status, again.Header)
			}
		}
		post(hub.Event{Name: "destroy", Key: "1", Erase: true, Data: json.RawMessage(`{"id":"1"}`)})
		for _, query := range queries {
			r := s.get(query, "If-None-Match", tags[query])
			if r.StatusCode != http.StatusOK || strings.Contains(r.body, "secret words") || r.Header.Get("Stream-Next-Offset") != s.offset(100) {
				t.Errorf("%s: %s after the deletion, with %q", query, r.Status, r.body[:min(200, len(r.body))])
			}
		}
	})
}

// A chunk that grows, or that no longer ends at the tail, has another ETag.
func TestCache_AnETagStandsForOneAnswer(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		seen := map[string]int{}
		s.publish(1, 98)
		for n := 98; n <= 101; n++ {
			tag := s.get("?offset=" + s.offset(0)).Header.Get("ETag")
			if before, is := seen[tag]; is {
				t.Errorf("with %d events the same ETag as with %d", n, before)
			}
			seen[tag] = n
			s.publish(n+1, 1)
		}
	})
}

func cursorOf(t *testing.T, r reply) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(r.Header.Get("Stream-Cursor"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCursor_NeverGoesBack(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		s.publish(1, 3)
		first := cursorOf(t, s.get("?offset=-1"))
		for _, given := range []uint64{1, first - 1, first, first + 1, first + 1_000_000} {
			query := "&cursor=" + strconv.FormatUint(given, 10)
			for _, way := range []string{"?live=long-poll&offset=" + s.offset(0), "?live=long-poll&offset=" + s.offset(3)} {
				if got := cursorOf(t, s.get(way+query)); got <= given {
					t.Errorf("%s: %d after %d, want a greater one", way, got, given)
				}
			}
			if got := cursorOf(t, s.get("?offset="+s.offset(3)+query)); got < given {
				t.Errorf("catch-up: %d after %d", got, given)
			}
			res := s.start(http.MethodGet, "?live=sse&offset="+s.offset(0)+query)
			in := newEventReader(s, res)
			for last := given; s.channel.Tip().Offset < 10; {
				in.next("data")
				got, _ := strconv.ParseUint(in.position().Cursor, 10, 64)
				if got <= given || got < last {
					t.Errorf("sse: %d after %d, and %d was given", got, last, given)
				}
				last = got
				s.publish(1, 1)
			}
			res.Body.Close()
		}
	})
}

// Readers came at different times, by different ways.
func TestCursor_ReadersAtTheTailGetTheSameOne(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		s.publish(1, 3)
		queries := []string{"?live=long-poll&offset=" + s.offset(3)}
		for range 4 {
			r := s.get("?offset=" + s.offset(uint64(len(queries)-1)))
			queries = append(queries, "?live=long-poll&offset="+s.offset(3)+"&cursor="+r.Header.Get("Stream-Cursor"))
			time.Sleep(15 * time.Second)
		}
		for round := range 5 {
			var waiting []func() reply
			for _, query := range queries {
				waiting = append(waiting, s.later(query))
			}
			s.publish(4+round, 1)
			same := map[string]bool{}
			for i, wait := range waiting {
				r := wait()
				queries[i] = "?cursor=" + r.Header.Get("Stream-Cursor") + "&live=long-poll&offset=" + r.Header.Get("Stream-Next-Offset")
				same[queries[i]] = true
			}
			if len(same) != 1 {
				t.Errorf("after %d events: %v", round+1, same)
			}
		}
	})
}
