package main

import "time"

// measureIdle measures idle connections. The first fiftieth of them is not counted, because
// these make the server allocate what it needs only once.
func (l *load) measureIdle(p peer, connections int) (r result, err error) {
	first := connections / 50
	if err := l.addViewers(p, first); err != nil {
		return r, err
	}
	before, err := l.takes()
	if err != nil {
		return r, err
	}
	if err := l.addViewers(p, connections-first); err != nil {
		return r, err
	}
	after, err := l.takes()
	per := func(growth int) float64 { return float64(growth) / float64(connections-first) }
	r.Resident = per(after.resident-before.resident) / 1024
	r.InUse = per(int(after.InUse)-int(before.InUse)) / 1024
	r.Goroutines = per(after.Goroutines - before.Goroutines)
	return r, err
}

// takes is the memory and the goroutines of a server.
type takes struct {
	resident int // bytes
	goUse
}

// takes measures the idle server. Resident memory is read first, because the request for the
// other figures collects garbage.
func (l *load) takes() (t takes, err error) {
	const rest = time.Second / 2
	end := time.Now().Add(rest)
	if err := l.run(func(now time.Time) time.Duration { return end.Sub(now) }); err != nil {
		return t, err
	}
	if t.resident, err = resident(l.server.Pids); err != nil {
		return t, err
	}
	t.goUse, err = l.goUse()
	return t, err
}
