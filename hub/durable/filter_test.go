package durable_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"nagare/hub"
)

// multiples makes filters for events whose data is a multiple of the number in the text.
func multiples(_, text string) (canonical string, match func(hub.Event) bool, err error) {
	of, err := strconv.Atoi(text)
	if err != nil {
		return "", nil, errors.New("filter: want a number")
	}
	return fmt.Sprint(of), func(ev hub.Event) bool {
		n, err := strconv.Atoi(string(ev.Data))
		return err == nil && n%of == 0
	}, nil
}

func TestFilter_EachWayBringsOnlyTheEventsThatConcernIt(t *testing.T) {
	for way, read := range map[string]func(*served, string, int) ([]int, string){"catch-up": readCatchUp, "long-poll": readPolls, "sse": readEvents} {
		bubble(t, hub.Options{Ring: 1000, Filter: multiples}, false, func(t *testing.T, s *served) {
			s.publish(1, 450)
			s.filter = "50"
			got, next := read(s, "-1", 9)
			if !slices.Equal(got, []int{50, 100, 150, 200, 250, 300, 350, 400, 450}) || next != s.offset(450) {
				t.Errorf("%s: got %v up to %s", way, got, next)
			}
		})
	}
}

func TestFilter_ChunksEndAtTheSameOffsetsAsWithout(t *testing.T) {
	bubble(t, hub.Options{Ring: 1000, Filter: multiples}, false, func(t *testing.T, s *served) {
		s.publish(1, 250)
		for _, test := range []struct {
			after, next uint64
			want        []int
		}{{0, 100, nil}, {100, 200, []int{150}}, {200, 250, nil}} {
			r := s.get("?q=150&offset=" + s.offset(test.after))
			if got := r.numbers(t); !slices.Equal(got, test.want) || r.Header.Get("Stream-Next-Offset") != s.offset(test.next) ||
				(r.Header.Get("Stream-Up-To-Date") != "") != (test.next == 250) {
				t.Errorf("after %d: got %v, %v", test.after, got, r.Header)
			}
		}
	})
}

// The position in an answer without events moves on: otherwise the log could be trimmed beyond it.
func TestFilter_AReaderThatWaitsGetsAPositionAtTheTail(t *testing.T) {
	bubble(t, hub.Options{Ring: 10, Filter: multiples}, false, func(t *testing.T, s *served) {
		s.publish(1, 5)
		poll := s.later("?q=50&live=long-poll&offset=" + s.offset(5))
		res := s.start(http.MethodGet, "?q=50&live=sse&offset="+s.offset(5))
		defer res.Body.Close()
		in := newEventReader(s, res)
		in.position()
		for range 4 {
			s.publish(6, 10)
			time.Sleep(4 * time.Second)
		}
		if p := in.position(); p.Next != s.offset(45) {
			t.Errorf("the heartbeat of the event stream has the position %s", p.Next)
		}
		if r := poll(); r.StatusCode != http.StatusNoContent || r.Header.Get("Stream-Next-Offset") != s.offset(45) {
			t.Errorf("the long poll: %s %v", r.Status, r.Header)
		}
		poll = s.later("?q=50&live=long-poll&offset=" + s.offset(45))
		s.publish(49, 2)
		if r := poll(); !slices.Equal(r.numbers(t), []int{50}) || r.Header.Get("Stream-Next-Offset") != s.offset(47) {
			t.Errorf("the next one: %s %v", r.body, r.Header)
		}
	})
}

func TestFilter_AWrongOneIsAnsweredWithOneLine(t *testing.T) {
	bubble(t, hub.Options{Filter: multiples}, false, func(t *testing.T, s *served) {
		for _, query := range []string{"?q=x", "?q=x&offset=now&live=sse", "?q=x&offset=-1&live=long-poll"} {
			if r := s.get(query); r.StatusCode != http.StatusBadRequest || r.body != "filter: want a number\n" || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %s %q", query, r.Status, r.body)
			}
		}
	})
}

func TestFilter_ItIsFreeAgainAfterTheResponse(t *testing.T) {
	bubble(t, hub.Options{Filter: multiples, Limits: hub.Limits{Filters: 4}}, false, func(t *testing.T, s *served) {
		for n := range 10 {
			s.publish(n, 1)
			for _, query := range []string{"?offset=-1", "?live=long-poll&offset=-1", "?live=long-poll&offset=now", "?live=sse&offset=now"} {
				time.Sleep(10 * time.Second) // between new filters
				if r := s.get(query + fmt.Sprintf("&q=%d", n+1)); r.StatusCode >= 400 {
					t.Fatalf("%s with the filter %d: %s %s", query, n, r.Status, r.body)
				}
			}
		}
	})
}
