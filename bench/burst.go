package main

import "time"

// measureBurst publishes from 16 publishers at once. Each publishes again as soon as the
// server has answered its last request.
func (l *load) measureBurst(span time.Duration) (result, error) {
	if err := l.addPublishers(publishers); err != nil {
		return result{}, err
	}
	start, err := l.mark()
	if err != nil {
		return result{}, err
	}
	l.again = true
	for _, fd := range l.publishers {
		l.publish(fd)
	}
	end := start.at.Add(span)
	if err := l.run(func(now time.Time) time.Duration { return end.Sub(now) }); err != nil {
		return result{}, err
	}
	l.again = false
	wanted := l.published * (len(l.viewers) + l.closed)
	if err := l.settle(); err != nil {
		return result{}, err
	}
	r, err := l.since(start)
	r.Lost = 1 - float64(l.received)/float64(wanted)
	r.Closed = l.closed
	return r, err
}
