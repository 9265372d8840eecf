package stream

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// healthyLife is how long a connection must have lived for its end to count as the first
// failure. Otherwise a server that accepts a connection only to close it would be called
// four times a second for ever.
const healthyLife = time.Minute

// Schedule is a sequence of growing waits. Each is twice the one before or, if linear,
// longer by First.
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

// Waits are a network's rules for reconnecting.
type Waits struct {
	AtOnce  bool     // there is no wait after the first failure of a healthy connection, unless the server refused us
	Broken  Schedule // if there was no connection
	Refused Schedule // if the server answered with an error, or closed the connection
	Limited Schedule // if the server limits our rate
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

// Backoff decides how long to wait before the next attempt. It is given how a connection
// ended and how long it lived, so its test needs neither a connection nor a clock.
type Backoff struct {
	Waits
	last map[Schedule]time.Duration // before jitter
}

// Next returns the wait. Up to a quarter is subtracted at random, so that many clients that
// were disconnected together don't reconnect together. A wait that the server asks for is
// kept in full.
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
	return b.Refused, 0 // the server accepted the connection, and closed it
}

// Sleep waits for d, or until ctx ends and returns its error.
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
