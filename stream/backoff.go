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
type Schedule struct {
	First, Longest time.Duration
	Linear         bool
}

func (s Schedule) After(last time.Duration) time.Duration {
	switch {
	case last == 0:
		return s.First
	case s.Linear:
		return min(last+s.First, s.Longest)
	}
	return min(2*last, s.Longest)
}

// waits are the rules of a network: how long a feed that broke is left alone.
type Waits struct {
	AtOnce  bool     // the first break of a feed that had lived is no reason to wait, unless we were sent away
	Broken  Schedule // there was no connection
	Refused Schedule // the server answered with a fault of its own, or hung up on us
	Limited Schedule // it said that we ask too often
}

// patient is a source whose network has rules of its own.
type patient interface{ Waits() Waits }

func waitsOf(src Source) Waits {
	if p, ok := src.(patient); ok {
		return p.Waits()
	}
	return Waits{Broken: usual, Refused: usual, Limited: usual}
}

var usual = Schedule{First: 250 * time.Millisecond, Longest: 16 * time.Second}

// backoff is the policy of waiting: it is told how a feed ended and how long it
// had lived, and answers how long to wait, so that its test needs neither feed
// nor clock.
type Backoff struct {
	Waits
	last map[Schedule]time.Duration // before jitter
}

// next says how long to wait. Up to a quarter is taken off at random, so that many
// of us, cut off together, don't come back together; what the server asked for is
// waited for in full.
func (b *Backoff) Next(why error, lived time.Duration) time.Duration {
	healthy := lived >= healthyLife
	if healthy || b.last == nil {
		b.last = map[Schedule]time.Duration{}
	}
	if _, sentAway := errors.AsType[*StatusError](why); healthy && b.AtOnce && !sentAway {
		return 0
	}
	s, asked := b.scheduleFor(why)
	b.last[s] = s.After(b.last[s])
	return max(b.last[s]-rand.N(max(b.last[s]/4, 1)), asked)
}

func (b *Backoff) scheduleFor(why error) (s Schedule, asked time.Duration) {
	status, _ := errors.AsType[*StatusError](why)
	dial, _ := errors.AsType[*net.OpError](why)
	switch {
	case status != nil && (status.Code == http.StatusTooManyRequests || status.Code == EnhanceYourCalm):
		return b.Limited, status.Wait
	case status != nil:
		return b.Refused, status.Wait
	case dial != nil && dial.Op == "dial":
		return b.Broken, 0
	}
	return b.Refused, 0 // it took the connection, and then would not have it
}

// sleep waits for d, or for the end of ctx and returns its error.
func Sleep(ctx context.Context, d time.Duration) error {
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
