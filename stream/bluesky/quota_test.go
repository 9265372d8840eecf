package bluesky

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestBluesky_TheQuotaIsTheRateLimitOfTheLookups(t *testing.T) {
	reset := time.Now().Add(5 * time.Minute).UTC().Truncate(time.Second)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("RateLimit-Limit", "3000")
		w.Header().Set("RateLimit-Remaining", "2990")
		w.Header().Set("RateLimit-Reset", fmt.Sprint(reset.Unix()))
		io.WriteString(w, `{"profiles":[]}`)
	}))
	defer server.Close()
	b := &Source{Profiles: server.URL, Client: server.Client(), Log: streamtest.Quiet}
	if err := b.start(); err != nil || b.Quota() != (stream.Quota{}) {
		t.Fatalf("before the first response it is %+v, want unknown; %v", b.Quota(), err)
	}
	b.lookUpProfiles(t.Context(), []string{mio})
	if got := b.Quota(); got.Left() != 2990 || got.Limit != 3000 || got.Reset.Sub(reset).Abs() > 2*time.Second {
		t.Errorf("got %+v, want 2990 of 3000 left until %v", got, reset)
	}
}
