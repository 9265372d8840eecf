package durable_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

func TestGone_AReaderWhosePositionIsNotHeldIsToldSo(t *testing.T) {
	bubble(t, hub.Options{Ring: 10}, false, func(t *testing.T, s *served) {
		s.publish(1, 30) // 21 to 30 are held
		for _, live := range []string{"", "&live=long-poll", "&live=sse"} {
			for at, want := range map[string]int{
				s.offset(20):             http.StatusOK,
				s.offset(19):             http.StatusGone,
				s.offset(0):              http.StatusGone,
				s.offset(31):             http.StatusGone, // without a store there can be no such position
				"other_0000000000000020": http.StatusGone,
			} {
				res := s.start("GET", "?offset="+at+live)
				res.Body.Close()
				if res.StatusCode != want {
					t.Errorf("%s%s: %s, want %d", at, live, res.Status, want)
				}
			}
		}
	})
}

// A store begins a new epoch while readers wait.
func TestGone_AReaderThatWaitsLearnsOfANewEpoch(t *testing.T) {
	store := &restarted{}
	bubble(t, hub.Options{Store: store}, false, func(t *testing.T, s *served) {
		synctest.Wait()
		store.next <- hub.Position{Epoch: "one", Offset: 7}
		synctest.Wait()
		wait := s.later("?live=long-poll&offset=one_0000000000000007")
		ahead := s.later("?live=long-poll&offset=one_0000000000000009") // another hub has delivered two events before this one
		events := s.start("GET", "?live=sse&offset=now")
		defer events.Body.Close()
		time.Sleep(5 * time.Second)
		begun := time.Now()
		store.next <- hub.Position{Epoch: "two", Offset: 3}
		for _, r := range []reply{wait(), ahead()} {
			if r.StatusCode != http.StatusGone || r.Header.Get("Cache-Control") != "public, max-age=1, must-revalidate" {
				t.Errorf("a long poll: %s %v", r.Status, r.Header)
			}
		}
		if _, err := io.ReadAll(events.Body); err != nil || time.Since(begun) > time.Second {
			t.Errorf("the event stream ends after %v: %v", time.Since(begun), err)
		}
		if r := s.get("?offset=one_0000000000000007"); r.StatusCode != http.StatusGone {
			t.Errorf("the old epoch: %s", r.Status)
		}
	})
}

// The store answers only after the site has begun to serve.
func TestGone_AReaderWaitsUntilTheStoreIsLoaded(t *testing.T) {
	store := &restarted{}
	bubble(t, hub.Options{Store: store}, false, func(t *testing.T, s *served) {
		synctest.Wait()
		for _, query := range []string{"?offset=one_0000000000000007", "?offset=-1", "?live=long-poll&offset=now"} {
			if r := s.get(query); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %s %v", query, r.Status, r.Header)
			}
		}
		store.next <- hub.Position{Epoch: "one", Offset: 7}
		synctest.Wait()
		if r := s.get("?offset=one_0000000000000007"); r.StatusCode != http.StatusOK || r.body != "[]" {
			t.Errorf("once it is loaded: %s %s", r.Status, r.body)
		}
	})
}

// restarted is a store without events, whose epoch changes.
type restarted struct {
	next chan hub.Position // made by Follow, because a channel must be of the test's bubble
}

func (s *restarted) Append(context.Context, string, []hub.Event) ([]hub.Position, error) {
	panic("nothing is published")
}

func (s *restarted) Follow(ctx context.Context, _ string, _ hub.Position, _ int, deliver func(hub.Position, []hub.Event)) error {
	s.next = make(chan hub.Position)
	for {
		select {
		case tip := <-s.next:
			deliver(tip, nil)
		case <-ctx.Done():
			return nil
		}
	}
}

func TestDrain_EndsWaitingRequests(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		s.publish(1, 3)
		wait := s.later("?offset=now&live=long-poll")
		events := s.start("GET", "?offset=now&live=sse")
		defer events.Body.Close()
		in := newEventReader(s, events)
		in.position()
		s.publish(4, 1)
		in.next("data")
		in.position()
		wait()
		wait = s.later("?offset=now&live=long-poll")
		s.stop()
		if r := wait(); r.StatusCode != http.StatusNoContent || r.Header.Get("Stream-Next-Offset") != s.offset(4) {
			t.Errorf("a long poll: %s %v", r.Status, r.Header)
		}
		if p := in.position(); p.Next != s.offset(4) || in.lines.Scan() {
			t.Errorf("the event stream ends with %+v and %q", p, in.lines.Text())
		}
		if r := s.get("?offset=-1"); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains("1 2 3", r.Header.Get("Retry-After")) {
			t.Errorf("a request to a hub that drains: %s, Retry-After: %s, want 1 to 3", r.Status, r.Header.Get("Retry-After"))
		}
	})
}

func TestLimits_PollsCountAsPollsAndEventStreamsAsConnections(t *testing.T) {
	bubble(t, hub.Options{Limits: hub.Limits{PerClient: 2, Connections: 5}}, false, func(t *testing.T, s *served) {
		var waiting []func() reply
		for range 4 {
			waiting = append(waiting, s.later("?offset=now&live=long-poll"))
		}
		if got := s.hub.Stats().Connections; got != 4 {
			t.Errorf("%d connections, want 4", got)
		}
		s.publish(1, 1)
		for _, wait := range waiting {
			if r := wait(); !slices.Equal(r.numbers(t), []int{1}) {
				t.Errorf("got %s", r.body)
			}
		}
		synctest.Wait()
		if got := s.hub.Stats().Connections; got != 0 {
			t.Errorf("%d connections are left", got)
		}
		for range 5 {
			s.start("GET", "?offset=now&live=sse")
		}
		for _, query := range []string{"?offset=now&live=sse", "?offset=now&live=long-poll", "?offset=-1"} {
			if r := s.get(query); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s beside as many as there may be: %s %v", query, r.Status, r.Header)
			}
		}
	})
}
