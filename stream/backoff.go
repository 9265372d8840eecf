package stream

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// healthyLife is how long a connection must have lived for its end to reset the waits. If
// shorter ones reset them, a server that accepts connections only to close them would be
// called four times a second for ever.
const healthyLife = time.Minute

// Schedule is a sequence of growing waits, up to Longest. Each wait is twice the one before
// or, if Linear, longer by First.
type Schedule struct {
	First, Longest time.Duration
	Linear         bool
}

// After returns the wait that follows the wait last. Before the first wait, last is 0.
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
	AtOnce  bool     // after a healthy connection there is no wait, unless the server answered with an error
	Broken  Schedule // if the client could not connect
	Refused Schedule // if the server answered with an error, or closed the connection
	Limited Schedule // if the server limits our rate
}

// patient is a source whose network has its own rules for reconnecting.
type patient interface{ Waits() Waits }

func waitsOf(src Source) Waits {
	if p, ok := src.(patient); ok {
		return p.Waits()
	}
	return Waits{Broken: usual, Refused: usual, Limited: usual}
}

var usual = Schedule{First: 250 * time.Millisecond, Longest: 16 * time.Second}

// Backoff decides how long to wait before the next attempt. Its inputs are how a connection
// ended and how long it lived, so a test of it needs neither a connection nor a clock.
type Backoff struct {
	Waits
	last map[Schedule]time.Duration // the last wait of each schedule, before jitter
}

// Next returns the wait after a connection that ended with why, after it had lived for lived.
// Up to a quarter of the wait is subtracted at random (jitter), so that many clients that were
// disconnected together don't reconnect together.
//
// If the server says how long to wait, Next returns that wait, and up to five seconds more. If
// the server then refuses again, the waits grow from there, so that a server that always asks
// for a second is not called every second.
func (b *Backoff) Next(why error, lived time.Duration) time.Duration {
	healthy := lived >= healthyLife
	if healthy || b.last == nil {
		b.last = map[Schedule]time.Duration{}
	}
	if _, sentAway := errors.AsType[*StatusError](why); healthy && b.AtOnce && !sentAway {
		return 0
	}
	s, asked := b.scheduleFor(why)
	if last := b.last[s]; asked > 0 && last == 0 {
		b.last[s] = min(asked, s.Longest)
	} else {
		b.last[s] = s.After(last)
	}
	if asked > 0 {
		asked += jitter(min(asked, longestExtra*4))
	}
	return max(b.last[s]-jitter(b.last[s]), asked)
}

// longestExtra is the most that is added to a wait that the server asks for.
const longestExtra = 5 * time.Second

// jitter returns a random duration up to a quarter of d.
func jitter(d time.Duration) time.Duration { return rand.N(max(d/4, 1)) }

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
