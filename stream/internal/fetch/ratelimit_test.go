package fetch

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
)

// limitHeaders are the headers of a rate limit, with the prefix of a network.
func limitHeaders(prefix, limit, left, reset string) http.Header {
	h := http.Header{}
	h.Set(prefix+"Limit", limit)
	h.Set(prefix+"Remaining", left)
	h.Set(prefix+"Reset", reset)
	return h
}

func inBubbleOf2003(t *testing.T, test func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(3 * 365 * 24 * time.Hour) // virtual time begins in 2000, when Unix times had fewer digits
		test(t)
	})
}

func TestRateLimit_IsReadFromTheHeadersOfEachNetworkUntilTheReset(t *testing.T) {
	inBubbleOf2003(t, func(t *testing.T) {
		reset := time.Now().Add(5 * time.Minute).UTC()
		var all []*RateLimit
		for _, h := range []http.Header{
			limitHeaders("X-Rate-Limit-", "300", "298", strconv.FormatInt(reset.Unix(), 10)),
			limitHeaders("X-RateLimit-", "300", "298", reset.Format(time.RFC3339Nano)),
			limitHeaders("RateLimit-", "300", "298", strconv.FormatInt(reset.Unix(), 10)),
		} {
			r := new(RateLimit)
			r.Header(h)
			r.Header(nil) // a request without a response
			r.Header(http.Header{"Date": {"Mon, 30 Nov 2026 09:00:00 GMT"}})
			want := stream.Quota{Unit: stream.QuotaRequests, Used: 2, Limit: 300, Reset: reset}
			if got := r.Quota(); got != want || got.Left() != 298 {
				t.Errorf("%v: got %+v, want %+v", h, got, want)
			}
			all = append(all, r)
		}
		time.Sleep(5 * time.Minute)
		for _, r := range all {
			if got := r.Quota(); got != (stream.Quota{}) {
				t.Errorf("after the reset it is %+v, want unknown", got)
			}
		}
	})
}

func TestRateLimit_TheResetIsConvertedToOurClock(t *testing.T) {
	inBubbleOf2003(t, func(t *testing.T) {
		server := time.Now().Add(-15 * time.Minute).UTC()
		h := limitHeaders("X-RateLimit-", "300", "0", server.Add(5*time.Minute).Format(time.RFC3339))
		h.Set("Date", server.Format(http.TimeFormat))
		r := new(RateLimit)
		r.Header(h)
		if got, want := r.Quota().Reset, time.Now().Add(5*time.Minute); !got.Equal(want) {
			t.Errorf("resets at %v, want %v", got, want)
		}
	})
}

func TestRateLimit_IsUnknownIfTheHeadersAreNotPlausible(t *testing.T) {
	inBubbleOf2003(t, func(t *testing.T) {
		in := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }
		for _, said := range [][3]string{
			{"", "", ""}, {"300", "", in(time.Minute)}, {"", "3", in(time.Minute)}, {"300", "3", ""}, {"300", "3", "soon"},
			{"300", "301", in(time.Minute)}, {"300", "-1", in(time.Minute)}, {"0", "0", in(time.Minute)}, {"-5", "-6", in(time.Minute)},
			{"9223372036854775807", "3", in(time.Minute)}, {"many", "3", in(time.Minute)}, {"300", "3", in(-time.Minute)}, {"300", "3", in(25 * time.Hour)},
			{"300", "3", "9223372036854775807"},
		} {
			r := new(RateLimit)
			r.Header(limitHeaders("X-Rate-Limit-", said[0], said[1], said[2]))
			if got := r.Quota(); got != (stream.Quota{}) {
				t.Errorf("%q: got %+v, want unknown", said, got)
			}
		}
	})
}
