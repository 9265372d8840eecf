package fetch

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"nagare/stream"
)

// longestWindow is the longest time that a rate limit can cover. A reset further away is an error.
const longestWindow = 24 * time.Hour

// RateLimit remembers the rate limit that the newest response of a server reported. It is safe for
// concurrent use.
type RateLimit struct {
	newest atomic.Pointer[stream.Quota] // nil: no response reported one
}

// Header notes the rate limit in the headers of a response, if they have one. They may be nil.
func (r *RateLimit) Header(h http.Header) {
	if q, found := rateLimit(h); found {
		r.newest.Store(&q)
	}
}

// Quota is the rate limit until its reset. After that it is unknown: the server may have counted
// requests that others have made with the same token.
func (r *RateLimit) Quota() stream.Quota {
	if q := r.newest.Load(); q != nil && time.Now().Before(q.Reset) {
		return *q
	}
	return stream.Quota{}
}

// rateLimit returns the rate limit in the headers of a response.
func rateLimit(h http.Header) (q stream.Quota, found bool) {
	for _, prefix := range []string{"X-Rate-Limit-", "X-RateLimit-", "RateLimit-"} { // X; Mastodon; Bluesky
		limit, err := strconv.ParseInt(h.Get(prefix+"Limit"), 10, 32)
		if err != nil || limit <= 0 {
			continue
		}
		left, err := strconv.ParseInt(h.Get(prefix+"Remaining"), 10, 32)
		wait := untilReset(h.Get(prefix+"Reset"), serverTime(h))
		if err == nil && left >= 0 && left <= limit && wait > 0 && wait <= longestWindow {
			return stream.Quota{Unit: stream.QuotaRequests, Used: int(limit - left), Limit: int(limit), Reset: time.Now().Add(wait).UTC()}, true
		}
	}
	return stream.Quota{}, false
}

// untilReset returns the time from now, by the server's clock, until the reset in a header. It is 0 if
// the header has none.
func untilReset(reset string, now time.Time) time.Duration {
	if at, err := time.Parse(time.RFC3339, reset); err == nil { // Mastodon
		return at.Sub(now)
	}
	if at, err := strconv.ParseInt(reset, 10, 64); err == nil && at > 1e9 { // X, Bluesky: Unix seconds
		return time.Unix(at, 0).Sub(now)
	}
	return 0
}
