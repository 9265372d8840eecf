package main

import "time"

// measureRate publishes ten messages a second.
func (l *load) measureRate(span time.Duration) (result, error) {
	if err := l.addPublishers(1); err != nil {
		return result{}, err
	}
	if err := l.tick(3); err != nil { // to warm up
		return result{}, err
	}
	start, err := l.mark()
	if err != nil {
		return result{}, err
	}
	if err := l.tick(int(span / tickEvery)); err != nil {
		return result{}, err
	}
	return l.since(start)
}

// tick publishes n messages, one every tickEvery, and waits until the last one has arrived.
func (l *load) tick(n int) error {
	next := time.Now()
	err := l.run(func(now time.Time) time.Duration {
		if !now.Before(next) && n > 0 {
			l.publish(l.publishers[0])
			n, next = n-1, next.Add(tickEvery)
		}
		if n == 0 && !now.Before(next) {
			return -1
		}
		return next.Sub(now)
	})
	if err != nil {
		return err
	}
	return l.settle()
}

// measureFull publishes a new message whenever fewer than mostPending are on their way.
func (l *load) measureFull(span time.Duration) (result, error) {
	if err := l.addPublishers(1); err != nil {
		return result{}, err
	}
	if err := l.flood(span / 8); err != nil { // to warm up
		return result{}, err
	}
	start, err := l.mark()
	if err != nil {
		return result{}, err
	}
	if err := l.flood(span); err != nil {
		return result{}, err
	}
	r, err := l.since(start)
	if err != nil {
		return r, err
	}
	return r, l.settle() // so that Allocs covers all that was published
}

func (l *load) flood(span time.Duration) error {
	end := time.Now().Add(span)
	return l.run(func(now time.Time) time.Duration {
		for len(l.viewers) > 0 && l.pending() < mostPending {
			l.publish(l.publishers[0])
		}
		return end.Sub(now)
	})
}
