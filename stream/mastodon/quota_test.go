package mastodon

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
)

func TestMastodon_TheQuotaIsTheRateLimitOfTheLastResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reset := time.Now().Add(5 * time.Minute).UTC()
		f := &fakeServer{play: func(_ int, s *wire) { s.update(postJSON(1)); s.stay() }}
		f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/api/v1/streaming") { // streams have no such headers
				w.Header().Set("X-RateLimit-Limit", "300")
				w.Header().Set("X-RateLimit-Remaining", "297")
				w.Header().Set("X-RateLimit-Reset", reset.Format("2006-01-02T15:04:05.000000Z"))
			}
			return false
		}
		m := f.overPipes(t)
		if got := m.Quota(); got != (stream.Quota{}) {
			t.Errorf("before the first response it is %+v, want unknown", got)
		}
		run(t, m, until(1))
		want := stream.Quota{Unit: stream.QuotaRequests, Used: 3, Limit: 300, Reset: reset}
		if got := stream.Quotas([]stream.Source{stream.Queued(m, nil)})[m.String()]; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		time.Sleep(5 * time.Minute)
		if got := m.Quota(); got != (stream.Quota{}) {
			t.Errorf("after the reset it is %+v, want unknown", got)
		}
	})
}

func TestMastodon_ARefusedStreamReportsTheRateLimit(t *testing.T) {
	reset := time.Now().Add(5 * time.Minute).UTC().Truncate(time.Second)
	f := &fakeServer{play: func(int, *wire) {}}
	f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/v1/streaming") {
			return false
		}
		w.Header().Set("X-RateLimit-Limit", "300")
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", reset.Format(time.RFC3339))
		http.Error(w, `{"error":"Too many requests"}`, http.StatusTooManyRequests)
		return true
	}
	m := f.overTCP(t)
	if err := m.Check(t.Context()); err == nil {
		t.Fatal("the stream was not refused")
	}
	if got := m.Quota(); got.Left() != 0 || got.Limit != 300 || got.Reset.Sub(reset).Abs() > 2*time.Second {
		t.Errorf("got %+v, want 0 of 300 left until %v", got, reset)
	}
}
