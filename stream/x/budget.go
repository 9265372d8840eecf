package x

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"nagare/stream"
)

// What ends a connection: the day's budget is used up, or nobody could know after a
// restart what has been used of it.
var (
	errSpent   = stream.WithFault(stream.FaultSpent, errors.New("the budget is used up"))
	errUnsaved = errors.New("the count of the budget can't be saved")
)

// xBudget counts the posts of a day. What is written is a little ahead of what was
// counted, so that a crash never makes the count too small.
type budget struct {
	mu      sync.Mutex // guards what follows
	day     string     // UTC
	used    int
	again   int // of these, for posts that were looked up again
	written int
	warned  bool
}

const budgetFile = "x-budget" // of what is saved: the day and the count

// xSaveWait is when it is tried again to save a count that could not be saved.
const saveRetry = time.Minute

// until is when there is something to spend again, and why there isn't now; nil if
// there is. What can't be noted must not be spent, so that a little of it is noted
// before.
func (b *budget) until(x *Source, now time.Time) (time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch err := b.turn(x, now); {
	case err != nil:
		return time.Time{}, stream.Permanent(err)
	case b.used >= x.Budget:
		return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour), fmt.Errorf("%w: %d posts for the day", errSpent, x.Budget)
	}
	return now.Add(saveRetry), b.ahead(x)
}

// spend counts a post that came, and returns errSpent with the last one, and
// errUnsaved with the last one that could be noted.
func (b *budget) spend(x *Source, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.turn(x, now); err != nil {
		return err
	}
	b.count(x, 1)
	if b.used >= x.Budget {
		return errSpent
	}
	return b.ahead(x)
}

// grant allows, of n posts that X would bill, those that may be looked up again: a
// fifth of the day's budget is for that, or else yesterday's posts would leave
// nothing for today's.
func (b *budget) grant(x *Source, now time.Time, n int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn(x, now) != nil {
		return 0
	}
	n = max(min(n, x.Budget/5-b.again, x.Budget-b.used), 0)
	if n > 0 && b.note(x, b.used+n) != nil {
		return 0
	}
	b.again += n
	b.count(x, n)
	return n
}

// count needs mu held, as all below.
func (b *budget) count(x *Source, n int) {
	b.used += n
	if !b.warned && b.used >= x.Budget-x.Budget/5 {
		b.warned = true
		x.log().Warn("four fifths of the day's budget are used", "used", b.used, "budget", x.Budget)
	}
}

// ahead has more noted than is used, so that there is no need to write at each post.
func (b *budget) ahead(x *Source) error {
	if b.used < b.written {
		return nil
	}
	return b.note(x, b.used+max(x.Budget/200, 1))
}

// note makes sure that at least so much is on disk.
func (b *budget) note(x *Source, count int) error {
	if count <= b.written {
		return nil
	}
	return b.write(x, count)
}

// save writes the exact count.
func (b *budget) save(x *Source) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.written != b.used {
		_ = b.write(x, b.used) // what is there is more
	}
}

// turn begins a new day, the first one with what an earlier run has spent of it.
// Who can't know what has been spent must not spend: an unreadable count is an error.
func (b *budget) turn(x *Source, now time.Time) error {
	day := now.UTC().Format(time.DateOnly)
	if day == b.day {
		return nil
	}
	used := 0
	if b.day == "" && x.Store != nil {
		text, found, err := x.Store.Find(budgetFile)
		if err == nil && found {
			used, err = savedCount(text, day)
		}
		if err != nil {
			return fmt.Errorf("budget: %w", err)
		}
	}
	b.day, b.used, b.again, b.written, b.warned = day, used, 0, used, false
	return nil
}

func savedCount(text, day string) (int, error) {
	of, count, _ := strings.Cut(text, " ")
	used, err := strconv.Atoi(count)
	if err != nil || used < 0 {
		return 0, fmt.Errorf("%s holds no count; remove it to begin at 0", budgetFile)
	}
	if of != day {
		return 0, nil
	}
	return used, nil
}

func (b *budget) write(x *Source, count int) error {
	if x.Store != nil {
		if err := x.Store.Put(budgetFile, b.day+" "+strconv.Itoa(count)); err != nil {
			x.log().Error("the count of the budget is not saved", "err", err)
			return errUnsaved
		}
	}
	b.written = count
	return nil
}
