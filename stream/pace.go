package stream

import "time"

const (
	// shortestPause lies between two rounds of a recording, in recorded time.
	shortestPause = time.Second

	// longestGap is the most that is waited for between two ops, in recorded
	// time. It is there for nonsense dates, the year 9999 among this year's.
	longestGap = 24 * time.Hour
)

// pace is where a replay stands: it turns recorded times into times of today.
type pace struct {
	speed float64
	start time.Time     // when the recording's first op is due
	pos   time.Duration // recorded time since then, over all rounds; only grows
	round time.Duration // pos at which the round began
	last  time.Time     // recorded time of the op before; zero at the start of a round
}

// newPace begins lead before now, so that this much of the recording is
// already due.
func newPace(speed float64, lead time.Duration) *pace {
	p := &pace{speed: speed}
	p.start = time.Now().Add(-p.scaled(lead))
	return p
}

// due says when an op recorded at that time is to be emitted. Each is measured
// from the start, so that lateness does not add up. Where recorded time goes
// back there is no wait, and the pace goes on from there; an op without a time
// comes right after the one before it.
func (p *pace) due(at time.Time) time.Time {
	if at.IsZero() {
		return p.start.Add(p.scaled(p.pos))
	}
	if !p.last.IsZero() {
		p.pos += min(max(0, at.Sub(p.last)), longestGap)
	}
	p.last = at
	return p.start.Add(p.scaled(p.pos))
}

// rest ends a round of so many ops with a pause as long as their usual gap.
func (p *pace) rest(ops int) {
	usual := (p.pos - p.round) / time.Duration(max(1, ops-1))
	p.pos += max(usual, shortestPause)
	p.round, p.last = p.pos, time.Time{}
}

func (p *pace) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / p.speed)
}
