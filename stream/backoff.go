package stream

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// healthyLife is how long a feed must have lived before its next break counts as
// the first. Less, and a server that accepts us only to hang up would be called
// four times a second for ever.
const healthyLife = time.Minute

// schedule is a row of growing waits: each twice the one before or, if linear,
// longer than it by the first.
type schedule struct {
	first, longest time.Duration
	linear         bool
}

func (s schedule) after(last time.Duration) time.Duration {
	switch {
	case last == 0:
		return s.first
	case s.linear:
		return min(last+s.first, s.longest)
	}
	return min(2*last, s.longest)
}

// waits are the rules of a network: how long a feed that broke is left alone.
type waits struct {
	atOnce  bool     // the first break of a feed that had lived is no reason to wait, unless we were sent away
	broken  schedule // there was no connection
	refused schedule // the server answered with a fault of its own, or hung up on us
	limited schedule // it said that we ask too often
}

// patient is a source whose network has rules of its own.
type patient interface{ waits() waits }

func waitsOf(src Source) waits {
	if p, ok := src.(patient); ok {
		return p.waits()
	}
	return waits{broken: usual, refused: usual, limited: usual}
}

var usual = schedule{first: 250 * time.Millisecond, longest: 16 * time.Second}

// backoff is the policy of waiting: it is told how a feed ended and how long it
// had lived, and answers how long to wait, so that its test needs neither feed
// nor clock.
type backoff struct {
	waits
	last map[schedule]time.Duration // before jitter
}

// next says how long to wait. Up to a quarter is taken off at random, so that many
// of us, cut off together, don't come back together; what the server asked for is
// waited for in full.
func (b *backoff) next(why error, lived time.Duration) time.Duration {
	healthy := lived >= healthyLife
	if healthy || b.last == nil {
		b.last = map[schedule]time.Duration{}
	}
	if _, sentAway := errors.AsType[*statusError](why); healthy && b.atOnce && !sentAway {
		return 0
	}
	s, asked := b.scheduleFor(why)
	b.last[s] = s.after(b.last[s])
	return max(b.last[s]-rand.N(max(b.last[s]/4, 1)), asked)
}

func (b *backoff) scheduleFor(why error) (s schedule, asked time.Duration) {
	status, _ := errors.AsType[*statusError](why)
	dial, _ := errors.AsType[*net.OpError](why)
	switch {
	case status != nil && (status.code == http.StatusTooManyRequests || status.code == enhanceYourCalm):
		return b.limited, status.wait
	case status != nil:
		return b.refused, status.wait
	case dial != nil && dial.Op == "dial":
		return b.broken, 0
	}
	return b.refused, 0 // it took the connection, and then would not have it
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
