package stream

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// errSpent is what ends a connection when the day's budget is used up.
var errSpent = errors.New("the budget is used up")

// xBudget counts the posts of a day. What is written is a little ahead of what was
// counted, so that a crash never makes the count too small.
type xBudget struct {
	mu      sync.Mutex // guards what follows
	day     string     // UTC
	used    int
	again   int // of these, for posts that were looked up again
	written int
	warned  bool
}

const xBudgetName = "x-budget" // of what is saved: the day and the count

// until is when there is something to spend again; zero if there is now.
func (b *xBudget) until(x *X, now time.Time) (time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.turn(x, now); err != nil || b.used < x.Budget {
		return time.Time{}, err
	}
	return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour), nil
}

// spend counts a post that came, and returns errSpent with the last one.
func (b *xBudget) spend(x *X, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.turn(x, now); err != nil {
		return err
	}
	b.count(x, 1)
	if b.used >= x.Budget {
		return errSpent
	}
	return nil
}

// grant allows, of n posts that X would bill, those that may be looked up again: a
// fifth of the day's budget is for that, or else yesterday's posts would leave
// nothing for today's.
func (b *xBudget) grant(x *X, now time.Time, n int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn(x, now) != nil {
		return 0
	}
	n = max(min(n, x.Budget/5-b.again, x.Budget-b.used), 0)
	b.again += n
	b.count(x, n)
	return n
}

// count needs mu held.
func (b *xBudget) count(x *X, n int) {
	b.used += n
	if b.used > b.written {
		b.write(x, b.used+x.Budget/200)
	}
	if !b.warned && b.used >= x.Budget-x.Budget/5 {
		b.warned = true
		x.log().Warn("four fifths of the day's budget are used", "used", b.used, "budget", x.Budget)
	}
}

// save writes the exact count.
func (b *xBudget) save(x *X) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.written != b.used {
		b.write(x, b.used)
	}
}

// turn begins a new day, the first one with what an earlier run has spent of it.
// Who can't know what has been spent must not spend: an unreadable count is an error.
func (b *xBudget) turn(x *X, now time.Time) error {
	day := now.UTC().Format(time.DateOnly)
	if day == b.day {
		return nil
	}
	used := 0
	if b.day == "" && x.Saved != nil {
		text, err := x.Saved.Get(xBudgetName)
		if err != nil {
			return fmt.Errorf("budget: %w", err)
		}
		if used, err = savedCount(text, day); err != nil {
			return fmt.Errorf("budget: %w", err)
		}
	}
	b.day, b.used, b.again, b.written, b.warned = day, used, 0, used, false
	return nil
}

func savedCount(text, day string) (int, error) {
	if text == "" {
		return 0, nil
	}
	of, count, _ := strings.Cut(text, " ")
	used, err := strconv.Atoi(count)
	if err != nil || used < 0 {
		return 0, fmt.Errorf("%s holds no count; remove it to begin at 0", xBudgetName)
	}
	if of != day {
		return 0, nil
	}
	return used, nil
}

func (b *xBudget) write(x *X, count int) {
	b.written = count
	if x.Saved == nil {
		return
	}
	if err := x.Saved.Put(xBudgetName, b.day+" "+strconv.Itoa(count)); err != nil {
		x.log().Warn("the count of the budget is not saved", "err", err)
	}
}
