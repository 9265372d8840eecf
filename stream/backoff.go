package stream

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstWait   = 250 * time.Millisecond
	longestWait = 16 * time.Second

	// healthyLife is how long a feed must have lived before its next break
	// counts as the first. Less, and a server that accepts us only to hang up
	// would be called four times a second for ever.
	healthyLife = time.Minute
)

// backoff is the policy of waiting: it is told how long the feed lived and
// answers how long to wait, so that its test needs neither feed nor clock.
type backoff struct {
	wait time.Duration // the last one, before jitter
}

// next doubles the wait up to the longest. Up to a quarter is taken off at
// random, so that many of us, cut off together, don't come back together.
func (b *backoff) next(lived time.Duration) time.Duration {
	if b.wait == 0 || lived >= healthyLife {
		b.wait = firstWait
	} else {
		b.wait = min(2*b.wait, longestWait)
	}
	return b.wait - rand.N(b.wait/4)
}

// sleep waits for d, or for the end of ctx and returns its error.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
