package web

import (
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"nagare/templates"
)

const (
	dayHours   = 24
	dayStep    = 10 * time.Minute
	dayPerHour = int(time.Hour / dayStep)
	daySteps   = dayHours * dayPerHour

	dayAge   = time.Minute            // how long counts are used
	dayWait  = 500 * time.Millisecond // longest wait for new ones
	mostDays = 16                     // that are kept
)

// days holds how many posts came in each step of some days. It is safe for concurrent use.
type days struct {
	timeline *Timeline

	mu   sync.Mutex
	held map[time.Time]*dayCounts // by their beginning; guarded by mu
}

// dayCounts are the counts of a day.
type dayCounts struct {
	asked  time.Time // when they were last asked for; guarded by days.mu
	counts []int     // nil if they could not be read yet; guarded by days.mu
}

// at returns the counts of the day that begins at a time, or nil if they are not known. While one
// caller asks the history for new ones, the others get the former ones.
func (d *days) at(ctx context.Context, from time.Time) []int {
	day, known, current := d.find(from)
	if current {
		return known
	}
	ctx, cancel := context.WithTimeout(ctx, dayWait)
	defer cancel()
	counts, err := d.timeline.history.Counts(ctx, d.timeline.name, from, dayStep, daySteps)
	if err != nil || len(counts) != daySteps {
		d.timeline.log.Warn("posts of a day not counted", "from", from, "err", err)
		return known
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	day.counts = counts
	return counts
}

// find returns the counts that are held. If they are not current, the caller must ask for new ones and
// set those of the day.
func (d *days) find(from time.Time) (day *dayCounts, known []int, current bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if day = d.held[from]; day == nil {
		d.makeRoom()
		day = new(dayCounts)
		d.held[from] = day
	}
	current = time.Since(day.asked) < dayAge
	if !current {
		day.asked = time.Now()
	}
	return day, day.counts, current
}

// makeRoom drops the days of the past if they are too many. It keeps the latest one, which is on most
// pages: a client that goes through the past must not take it from them. d.mu is held.
func (d *days) makeRoom() {
	if d.held == nil {
		d.held = map[time.Time]*dayCounts{}
	}
	if len(d.held) < mostDays {
		return
	}
	latest := slices.MaxFunc(slices.Collect(maps.Keys(d.held)), time.Time.Compare)
	maps.DeleteFunc(d.held, func(from time.Time, _ *dayCounts) bool { return from != latest })
}

// day returns the drawing of the day in which a page of a view shows posts, up to until. It returns nil
// if the counts are not known.
func (p *pages) day(ctx context.Context, v view, until time.Time) *templates.Day {
	now := time.Now().UTC()
	from := now.Truncate(time.Hour).Add((1 - dayHours) * time.Hour)
	if !until.IsZero() && until.Before(from) { // of an earlier day: the hours around it
		from = until.UTC().Truncate(time.Hour).Add(-dayHours / 2 * time.Hour)
	}
	counts := p.days.at(ctx, from)
	if counts == nil {
		return nil
	}
	return &templates.Day{
		From: from, Recent: now.Before(from.Add(dayHours * time.Hour)), Steps: counts, StepMinutes: int(dayStep.Minutes()),
		Hours: periods(v, from, counts, dayPerHour, until), Within: within(v, from, counts, until),
		Gaps: p.config.Timeline.missed(from), Mark: markOf(from, until),
	}
}

// within returns the steps of one hour of a day that have begun: of the hour whose posts the page shows or, on
// the page of the newest posts, of the last one. It returns none of an hour without posts.
func within(v view, from time.Time, counts []int, until time.Time) []templates.Period {
	hour := dayHours - 1
	if !until.IsZero() {
		hour = min(int((until.Sub(from)-1)/time.Hour), hour)
	}
	from = from.Add(time.Duration(hour) * time.Hour)
	begun := min(int(time.Since(from)/dayStep)+1, dayPerHour)
	steps := counts[hour*dayPerHour:][:begun]
	if sum(steps) == 0 {
		return nil
	}
	return periods(v, from, steps, 1, until)
}

// periods returns periods of so many steps each.
func periods(v view, from time.Time, counts []int, steps int, until time.Time) (all []templates.Period) {
	for counts := range slices.Chunk(counts, steps) {
		end := from.Add(time.Duration(steps) * dayStep)
		all = append(all, templates.Period{
			At: from, Posts: sum(counts), Href: pageOf(v, from, counts), Current: until.After(from) && !until.After(end),
		})
		from = end
	}
	return all
}

// pageOf returns the address of the page that ends with the posts of a period; empty if there are none. The
// page of a period that has not ended yet ends with its last whole step, because a page of the past stays as
// it is. If all posts are later, it is the page of the newest posts.
func pageOf(v view, from time.Time, counts []int) string {
	whole := min(len(counts), max(0, int(time.Since(from)/dayStep)))
	switch {
	case sum(counts[:whole]) > 0:
		return v.with(atParam, moment(from.Add(time.Duration(whole)*dayStep)))
	case sum(counts) > 0:
		return v.base()
	}
	return ""
}

func sum(counts []int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// missed returns when sources missed posts in the day that begins at from, in steps of its drawing.
func (t *Timeline) missed(from time.Time) (gaps [][2]float64) {
	for _, s := range t.Sources() {
		begin, end := max(0, stepsFrom(from, s.From)), min(float64(daySteps), stepsFrom(from, s.To))
		if s.listed() && begin < end {
			gaps = append(gaps, [2]float64{begin, end})
		}
	}
	return gaps
}

// markOf returns where the drawing of a day marks a moment: NaN if there is none.
func markOf(from, until time.Time) float64 {
	if until.IsZero() {
		return math.NaN()
	}
	return stepsFrom(from, until)
}

// stepsFrom returns the time from one moment to another, in steps of a drawing.
func stepsFrom(from, to time.Time) float64 { return float64(to.Sub(from)) / float64(dayStep) }
