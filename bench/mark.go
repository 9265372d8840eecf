package main

import (
	"os"
	"slices"
	"time"
)

// result has the figures of one run. The fields of other measures than the run's own are zero.
type result struct {
	CPU        float64 // µs of the server's processor time for each delivery
	PerSecond  float64 // deliveries
	P50, P99   float64 // ms
	Lost       float64 // fraction of the deliveries that never arrived
	Closed     int     // connections that the server ended
	Allocs     float64 // objects that the server allocated for each delivery
	Resident   float64 // KiB of resident memory for each connection
	InUse      float64 // KiB of heap and stacks for each connection, of a Go server
	Goroutines float64 // for each connection, of a Go server
	Plain      float64 // µs of the server's processor time for each message to connections without filters
	Views      float64 // the same to connections with filters, as many of which get the message
	Asking     float64 // µs that the filters take of Views
	Busy       float64 // fraction of the time in which the load used its processor
}

// mark is the state of the counters when a measurement begins.
type mark struct {
	at           time.Time
	server, load time.Duration // processor time
	received     int
}

func (l *load) mark() (m mark, err error) {
	l.latency = l.latency[:0]
	m.received = l.received
	m.at = time.Now()
	if m.load, err = cpuTime([]int{os.Getpid()}); err != nil {
		return m, err
	}
	m.server, err = cpuTime(l.server.Pids)
	return m, err
}

// since returns the result of the time from the mark m to the arrival of the newest message.
func (l *load) since(m mark) (r result, err error) {
	used, err := cpuTime(l.server.Pids)
	if err != nil {
		return r, err
	}
	own, err := cpuTime([]int{os.Getpid()})
	deliveries := float64(l.received - m.received)
	span := l.arrived.Sub(m.at).Seconds()
	r.CPU = float64((used - m.server).Nanoseconds()) / 1e3 / deliveries
	r.PerSecond = deliveries / span
	r.Busy = (own - m.load).Seconds() / span
	slices.Sort(l.latency)
	r.P50, r.P99 = millis(l.latency, 0.50), millis(l.latency, 0.99)
	return r, err
}

// millis returns a quantile of sorted times, in milliseconds.
func millis(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1))].Seconds() * 1e3
}
