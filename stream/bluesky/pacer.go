package bluesky

import (
	"time"

	"nagare/stream"
)

const (
	lookupSize  = 25 // the most authors or posts in one request
	mostLookups = 3  // requests at a time
)

var lookupBackoff = stream.Schedule{First: time.Second, Longest: time.Minute}

// pacer decides when requests of one kind are sent, and how much each asks for. After a failure
// it allows only one request at a time, each after a longer wait.
type pacer struct {
	inFlight    int           // number of requests
	batchSize   int           // the most authors or posts in the next request
	backoff     time.Duration // the last wait after a failure; 0: the last request succeeded
	pausedUntil time.Time     // no request is made before this time
}

// ready reports whether a request may be sent now.
func (p *pacer) ready(now time.Time) bool {
	return p.inFlight < mostLookups && !now.Before(p.pausedUntil) && (p.backoff == 0 || p.inFlight == 0)
}

// healthy reports whether requests succeed.
func (p *pacer) healthy() bool { return p.backoff == 0 }

// pause makes the next request wait. The wait is longer after each failure, and at least as long
// as the server wants (wanted), up to 15 minutes.
func (p *pacer) pause(wanted time.Duration, now time.Time) {
	p.backoff = lookupBackoff.After(p.backoff)
	p.pausedUntil = now.Add(max(p.backoff, min(wanted, 15*time.Minute)))
}

// refused makes the next request half as large as one of size n that was refused, because one
// invalid element may be the reason. The wait doesn't grow while that element is searched for.
func (p *pacer) refused(n int, wanted time.Duration, now time.Time) {
	if n > 1 {
		p.backoff = 0
	}
	p.pause(wanted, now)
	p.batchSize = max(n/2, 1)
}

// answered applies a successful request.
func (p *pacer) answered() {
	p.inFlight--
	p.backoff = 0
	p.batchSize = min(2*p.batchSize, lookupSize)
}
