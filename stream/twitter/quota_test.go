package twitter

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
)

func TestTwitter_TheQuotaIsTheRateLimitOfTheLastResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream.Sleep(t.Context(), 3*365*24*time.Hour) // the clock of a test begins in 2000; a reset before 2001 is ignored
		reset := time.Now().Add(15 * time.Minute).UTC()
		f := &fakeTwitter{stream: func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Rate-Limit-Limit", "15")
			w.Header().Set("X-Rate-Limit-Remaining", fmt.Sprint(2-n))
			w.Header().Set("X-Rate-Limit-Reset", fmt.Sprint(reset.Unix()))
			if n > 1 {
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			send(w, postJSON("1", "one"))
			<-r.Context().Done()
		}}
		src := f.inBubble(t, 0)
		streamed(t, src, postIs("1"))
		want := stream.Quota{Unit: stream.QuotaRequests, Used: 14, Limit: 15, Reset: reset}
		if got := src.Quota(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		want.Used = 15
		if err := src.Check(t.Context()); err == nil || src.Quota() != want {
			t.Errorf("after a refusal (%v) got %+v, want %+v", err, src.Quota(), want)
		}
	})
}
