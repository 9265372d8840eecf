package replay

import "time"

const (
	// shortestPause lies between two rounds of a recording, in recorded time.
	shortestPause = time.Second

	// longestGap is the longest wait between two ops, in recorded time. It bounds
	// nonsense dates, such as the year 9999 among this year's.
	longestGap = 24 * time.Hour
)

// pace is the schedule of a replay: it turns recorded times into times of today.
type pace struct {
	speed float64       // multiple of the recorded pace
	rate  float64       // ops a second instead, whatever their recorded times; 0: none
	from  time.Duration // recorded time that each round leaves out at its beginning

	start time.Time     // when the first op is due
	pos   time.Duration // position since then, over all rounds; only grows
	round time.Duration // pos at which the round began
	skip  time.Duration // what is left of from in this round
	last  time.Time     // recorded time of the op before; zero at the start of a round
	ops   int           // of this round that were due
}

// newPace returns the schedule of r. It begins the lead before now, so that this much
// of the recording is due at once.
func newPace(r *Replay) *pace {
	p := &pace{speed: r.Speed, rate: r.Rate, from: r.Start, skip: r.Start}
	p.start = time.Now().Add(-p.scaled(r.Lead))
	return p
}

// due returns when an op recorded at that time is to be emitted, or false for an op
// that lies before the start offset. Each time is measured from the start, so that
// lateness does not add up.
func (p *pace) due(at time.Time) (due time.Time, ok bool) {
	gap := p.gap(at)
	left := min(gap, p.skip)
	p.skip -= left
	if p.skip > 0 {
		return time.Time{}, false
	}
	switch {
	case p.rate == 0:
		p.pos += gap - left
	case p.ops > 0:
		p.pos += time.Duration(float64(time.Second) / p.rate)
	}
	p.ops++
	return p.start.Add(p.scaled(p.pos)), true
}

// gap is the recorded time since the op before. It is 0 where recorded time goes
// back, and for an op without a time.
func (p *pace) gap(at time.Time) time.Duration {
	if at.IsZero() {
		return 0
	}
	last := p.last
	p.last = at
	if last.IsZero() {
		return 0
	}
	return min(max(0, at.Sub(last)), longestGap)
}

// rest ends a round with a pause as long as its average gap.
func (p *pace) rest() {
	average := (p.pos - p.round) / time.Duration(max(1, p.ops-1))
	p.pos += max(average, shortestPause)
	p.round, p.skip, p.last, p.ops = p.pos, p.from, time.Time{}, 0
}

// scaled is the time that a span of the schedule takes.
func (p *pace) scaled(d time.Duration) time.Duration {
	if p.rate > 0 {
		return d
	}
	return time.Duration(float64(d) / p.speed)
}
