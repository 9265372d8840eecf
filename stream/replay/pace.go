package replay

import "time"

const (
	// shortestPause is the shortest pause between two rounds, in recorded time.
	shortestPause = time.Second

	// longestGap is the longest wait between two ops, in recorded time. It bounds the effect
	// of wrong dates, such as the year 9999 in a recording of this year.
	longestGap = 24 * time.Hour
)

// pace is the schedule of a replay: it converts recorded times to times of now.
type pace struct {
	speed float64       // factor: 2 plays twice as fast as recorded
	rate  float64       // ops a second, instead of speed and recorded times; 0: use speed
	from  time.Duration // recorded time to skip at the beginning of each round

	start time.Time     // when the first op is due
	pos   time.Duration // schedule time since start, over all rounds; only grows
	round time.Duration // pos at the beginning of the round
	skip  time.Duration // recorded time that is still to be skipped in this round
	last  time.Time     // recorded time of the previous op; zero at the beginning of a round
	ops   int           // ops in this round, without skipped ones
	posts int           // new posts among these
}

// newPace returns the schedule of r. The schedule starts r.Lead before now, so that this much
// of the recording is due at once.
func newPace(r *Replay) *pace {
	p := &pace{speed: r.Speed, rate: r.Rate, from: r.Start, skip: r.Start}
	p.start = time.Now().Add(-p.scaled(r.Lead))
	return p
}

// due returns when an op that was recorded at that time is to be emitted, or false if the op
// is skipped, as it lies before the start offset. Each time is measured from the start, so
// that delays don't add up.
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

// gap returns the recorded time between the previous op and this one. It returns 0 if recorded
// time goes backwards, or if the op has no time.
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

// rest ends a round, and adds a pause as long as the average gap between its ops.
func (p *pace) rest() {
	average := (p.pos - p.round) / time.Duration(max(1, p.ops-1))
	p.pos += max(average, shortestPause)
	p.round, p.skip, p.last, p.ops, p.posts = p.pos, p.from, time.Time{}, 0, 0
}

// scaled returns how long a span of schedule time takes in real time.
func (p *pace) scaled(d time.Duration) time.Duration {
	if p.rate > 0 {
		return d
	}
	return time.Duration(float64(d) / p.speed)
}
