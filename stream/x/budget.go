package x

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nagare/stream"
)

// Reasons to close a connection, and to wait before the next one.
var (
	errSpent   = stream.WithFault(stream.FaultSpent, errors.New("the budget is used up"))
	errUnsaved = errors.New("the count of the budget can't be saved")
)

// budget counts the posts of a day, which X bills. The saved count is a little higher than the
// real one, so that it is not too low after a crash.
type budget struct {
	mu sync.Mutex

	// Guarded by mu.

	day      string // UTC
	used     int    // posts counted, rechecks included
	rechecks int    // posts that were looked up again
	saved    int    // the count in the store
	warned   bool   // whether the operator was warned that four fifths of the budget are used

	newest atomic.Pointer[dayCount] // nil: the count is not known yet; stored with mu held
}

// dayCount is the count of a day, for readers that must not wait while the store is slow.
type dayCount struct {
	day  string // UTC
	used int
}

// quota returns the count of today. A day on which no post has come has the count 0.
func (b *budget) quota(x *Source, now time.Time) stream.Quota {
	newest := b.newest.Load()
	if newest == nil {
		return stream.Quota{}
	}
	today := now.UTC().Truncate(24 * time.Hour)
	q := stream.Quota{Unit: stream.QuotaPosts, Limit: x.Budget, Reset: today.Add(24 * time.Hour), Price: x.Price}
	if newest.day == today.Format(time.DateOnly) {
		q.Used = newest.used
	}
	return q
}

const budgetName = "x-budget" // in the store: the day and the count

const saveRetry = time.Minute // wait after the count could not be saved

// available returns nil if posts may be read now. Otherwise it returns the reason why not, and
// the time of the next attempt. Before it allows reading, it saves a higher count: posts must
// not be read if their count can't be saved.
func (b *budget) available(x *Source, now time.Time) (time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch err := b.startDay(x, now); {
	case err != nil:
		return time.Time{}, stream.Permanent(err)
	case b.used >= x.Budget:
		return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour), fmt.Errorf("%w: %d posts for the day", errSpent, x.Budget)
	}
	return now.Add(saveRetry), b.reserve(x)
}

// spend counts a received post. It returns errSpent if the budget is used up with that post,
// and errUnsaved if no higher count can be saved.
func (b *budget) spend(x *Source, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.startDay(x, now); err != nil {
		return err
	}
	b.count(x, 1)
	if b.used >= x.Budget {
		return errSpent
	}
	return b.reserve(x)
}

// spendOnRechecks returns how many of n posts may be looked up again, and counts those, because
// X bills a lookup too. Rechecks get at most a fifth of the day's budget, so that enough is
// left for new posts.
func (b *budget) spendOnRechecks(x *Source, now time.Time, n int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.startDay(x, now) != nil {
		return 0
	}
	n = max(min(n, x.Budget/5-b.rechecks, x.Budget-b.used), 0)
	if n > 0 && b.ensureSaved(x, b.used+n) != nil {
		return 0
	}
	b.rechecks += n
	b.count(x, n)
	return n
}

// count and the methods below are called with mu held.

// count adds n posts, and warns once a day when four fifths of the budget are used.
func (b *budget) count(x *Source, n int) {
	b.used += n
	b.newest.Store(&dayCount{b.day, b.used})
	if !b.warned && b.used >= x.Budget-x.Budget/5 {
		b.warned = true
		x.log().Warn("four fifths of the day's budget are used", "used", b.used, "budget", x.Budget)
	}
}

// reserve saves a count that is higher than the real one, unless the saved count is higher
// already. The store is thus not written for every post.
func (b *budget) reserve(x *Source) error {
	if b.used < b.saved {
		return nil
	}
	return b.ensureSaved(x, b.used+max(x.Budget/200, 1))
}

// ensureSaved saves count, unless the saved count is at least as high.
func (b *budget) ensureSaved(x *Source, count int) error {
	if count <= b.saved {
		return nil
	}
	return b.write(x, count)
}

// save writes the exact count.
func (b *budget) save(x *Source) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.saved != b.used {
		_ = b.write(x, b.used) // if this fails, the higher count stays in the store
	}
}

// startDay resets the count if a new day has begun. On the first call it loads the count that
// an earlier run saved. If that count can't be read, it returns an error, because posts must
// not be read without a known count.
func (b *budget) startDay(x *Source, now time.Time) error {
	day := now.UTC().Format(time.DateOnly)
	if day == b.day {
		return nil
	}
	used := 0
	if b.day == "" && x.Store != nil {
		text, found, err := x.Store.Get(budgetName)
		if err == nil && found {
			used, err = savedCount(text, day)
		}
		if err != nil {
			return fmt.Errorf("budget: %w", err)
		}
	}
	b.day, b.used, b.rechecks, b.saved, b.warned = day, used, 0, used, false
	b.newest.Store(&dayCount{day, used})
	return nil
}

func savedCount(text, day string) (int, error) {
	of, count, _ := strings.Cut(text, " ")
	used, err := strconv.Atoi(count)
	if err != nil || used < 0 {
		return 0, fmt.Errorf("the store holds %.40q, want a day and a count", text)
	}
	if of != day {
		return 0, nil
	}
	return used, nil
}

func (b *budget) write(x *Source, count int) error {
	if x.Store != nil {
		if err := x.Store.Put(budgetName, b.day+" "+strconv.Itoa(count)); err != nil {
			x.log().Error("the count of the budget is not saved", "err", err)
			return errUnsaved
		}
	}
	b.saved = count
	return nil
}
