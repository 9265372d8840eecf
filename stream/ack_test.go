package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnDelivered_IsAtOnceWithoutAQueue(t *testing.T) {
	called := false
	if OnDelivered(t.Context(), func() { called = true }); !called {
		t.Error("nobody is in between, and nothing was called")
	}
}

// marking emits creates, 0 and up to n, and deletes for those divisible by ten, and asks
// after each for its delivery.
func marking(n int, handed func(i int)) Source {
	return sourceFunc(func(ctx context.Context, emit func(Op) error) error {
		for i := range n {
			op := created(strconv.Itoa(i))
			if i%10 == 0 {
				op = destroyed(op.ID)
			}
			if err := emit(op); err != nil {
				return err
			}
			OnDelivered(ctx, func() { handed(i) })
		}
		return Sleep(ctx, time.Hour)
	})
}

func TestOnDelivered_AcknowledgesWhatIsDeliveredAndNoMore(t *testing.T) {
	for _, n := range []int{1, QueueLimit, 5 * QueueLimit} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			told, taken := -1, 0
			src := marking(n, func(i int) {
				if i <= told {
					t.Errorf("told %d after %d", i, told)
				}
				told = i
			})
			before := -1 // the last delivered op when the next was being delivered
			err := Buffered(src).Stream(ctx, func(op Op) error {
				if op.Kind == Lost {
					return nil
				}
				i, _ := strconv.Atoi(op.ID)
				if told >= i {
					t.Errorf("%d is told while %d is being taken", told, i)
				}
				before = i
				if taken++; taken == 300 || i == n-1 {
					cancel()
					return ctx.Err()
				}
				time.Sleep(time.Millisecond)
				return nil
			})
			if !errors.Is(err, context.Canceled) || told >= before {
				t.Errorf("ended with %v; told up to %d, though %d was not taken", err, told, before)
			}
		})
	}
}

func TestOnDelivered_ADroppedOpCountsAsDeliveredAfterTheOneBeforeIt(t *testing.T) {
	b := newQueue(t.Context())
	var told []int
	mark := func(i int) { b.onDelivered(func() { told = append(told, i) }) }
	b.put(destroyed("first"))
	mark(0)
	for i := range QueueLimit + 1 { // the first two are dropped
		b.put(created(fmt.Sprint(i)))
		mark(1 + i)
	}
	if len(told) != 0 {
		t.Fatalf("told %v before anything was taken", told)
	}
	b.reported = time.Now() // so that dropped posts are not reported between the two
	for range 2 {
		b.next(named{})
		b.acknowledge()
	}
	if want := []int{2, 3}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v: what comes after the first that is taken, and after the second", told, want)
	}
}
