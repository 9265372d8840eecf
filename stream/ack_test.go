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

func TestOnDelivered_CallsAtOnceWithoutAQueue(t *testing.T) {
	called := false
	if OnDelivered(t.Context(), func() { called = true }); !called {
		t.Error("nobody is in between, and nothing was called")
	}
}

// marking is a source that emits n ops with the ids 0, 1, 2 and so on: every tenth is a
// deletion, the others are creates. When op i and all before it are delivered, it calls
// handed(i).
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

func TestOnDelivered_NeverRunsAheadOfTheDeliveredOps(t *testing.T) {
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
			before := -1 // the last delivered op
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

func TestOnDelivered_ADroppedOpCountsAsDeliveredTogetherWithTheOpBeforeIt(t *testing.T) {
	b := newQueue(t.Context())
	var told []int
	mark := func(i int) { b.onDelivered(func() { told = append(told, i) }) }
	b.put(destroyed("first"))
	mark(0)
	for i := range QueueLimit + 1 { // posts 0 and 1 are dropped
		b.put(created(fmt.Sprint(i)))
		mark(1 + i)
	}
	if len(told) != 0 {
		t.Fatalf("told %v before anything was taken", told)
	}
	b.reported = time.Now() // so that no Lost notice comes before the next two ops
	for range 2 {
		b.next(named{})
		b.acknowledge()
	}
	if want := []int{2, 3}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v: what comes after the first that is taken, and after the second", told, want)
	}
}
