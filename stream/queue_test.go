package stream

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// named is a source with a name and waits of its own.
type named struct{ sourceFunc }

func (named) String() string { return "somewhere" }
func (named) Waits() Waits   { return Waits{AtOnce: true} }

// slowly reads src, and takes the time each for every op.
func slowly(t *testing.T, src Source, each time.Duration) (got []heard) {
	t.Helper()
	err := src.Stream(t.Context(), func(op Op) error {
		time.Sleep(each)
		got = append(got, heard{op, time.Now()})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return got
}

// The source emits 5,000 ops in one second, every fifth a deletion. The reader takes 500 a
// second.
func TestBuffered_DropsPostsButNoDeletions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		burst := sourceFunc(func(ctx context.Context, emit func(Op) error) error {
			for n := range 5_000 {
				op := created(fmt.Sprintf("%04d", n))
				if n%5 == 0 {
					op = destroyed(op.ID)
				}
				if err := emit(op); err != nil {
					return err
				}
				if err := Sleep(ctx, time.Second/5_000); err != nil {
					return err
				}
			}
			return nil
		})
		counts, lost, last := map[Kind]int{}, uint64(0), ""
		var told []time.Time
		for _, op := range slowly(t, Buffered(burst), 2*time.Millisecond) {
			if counts[op.Kind]++; op.Kind == Lost {
				lost += op.Notice.Count
				told = append(told, op.At)
				continue
			}
			if op.ID <= last {
				t.Fatalf("%s after %s", op.ID, last)
			}
			last = op.ID
		}
		if counts[Destroy] != 1_000 {
			t.Errorf("%d deletes of 1,000", counts[Destroy])
		}
		if lost == 0 || uint64(counts[Create])+lost != 4_000 {
			t.Errorf("%d posts and %d left out, want 4,000 together", counts[Create], lost)
		}
		if passed := counts[Create]; passed > QueueLimit+500 {
			t.Errorf("%d posts passed, more than were taken in the second and wait in the queue", passed)
		}
		for i := range len(told) - 1 {
			if pause := told[i+1].Sub(told[i]); pause < lostInterval && i+2 < len(told) {
				t.Errorf("two notices within %v", pause)
			}
		}
	})
}

func TestBuffered_ReportsDroppedPostsAlsoWithoutFurtherOps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		burst := sourceFunc(func(ctx context.Context, emit func(Op) error) error {
			for range 3 {
				for n := range QueueLimit + 10 {
					emit(created(fmt.Sprint(n)))
				}
				Sleep(ctx, 300*time.Millisecond)
			}
			return Sleep(ctx, time.Hour)
		})
		began := time.Now()
		var when []time.Duration
		lost := uint64(0)
		for _, op := range slowly(t, Buffered(burst), 100*time.Microsecond) {
			if op.Kind == Lost {
				lost += op.Notice.Count
				when = append(when, op.when.Sub(began))
			}
		}
		if len(when) < 2 || lost < 24 || when[len(when)-1] > 3*time.Second {
			t.Errorf("%d left out, told after %v", lost, when)
		}
		for i := range len(when) - 1 {
			if when[i+1]-when[i] < lostInterval {
				t.Errorf("told after %v, want a second between", when)
			}
		}
	})
}

func TestBuffered_MakesTheSourceWaitIfTheFullQueueHoldsOnlyDeletions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead, most atomic.Int64
		src := sourceFunc(func(_ context.Context, emit func(Op) error) error {
			for n := range 3 * QueueLimit {
				if err := emit(destroyed(fmt.Sprint(n))); err != nil {
					return err
				}
				most.Store(max(most.Load(), ahead.Add(1)))
			}
			return emit(created("last"))
		})
		taken := 0
		err := Buffered(src).Stream(t.Context(), func(op Op) error {
			time.Sleep(time.Millisecond)
			taken++
			ahead.Add(-1)
			return nil
		})
		if err != nil || taken != 3*QueueLimit+1 {
			t.Errorf("%d of %d were taken, %v", taken, 3*QueueLimit+1, err)
		}
		if most.Load() > QueueLimit+1 {
			t.Errorf("the source was %d ahead, want at most %d", most.Load(), QueueLimit+1)
		}
	})
}

func TestBuffered_DropsANewPostIfTheFullQueueHoldsOnlyDeletions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := sourceFunc(func(_ context.Context, emit func(Op) error) error {
			for n := range QueueLimit {
				emit(destroyed(fmt.Sprint(n)))
			}
			emit(created("A"))
			return nil
		})
		got := map[Kind]int{}
		for _, op := range slowly(t, Buffered(src), time.Second) {
			got[op.Kind]++
		}
		// Whether the first deletion leaves the queue before it is full depends on the
		// scheduler.
		if got[Destroy] != QueueLimit || got[Create]+got[Lost] != 1 {
			t.Errorf("got %v", got)
		}
	})
}

func TestBuffered_DeliversTheRestOfTheQueueAfterTheSourceHasEnded(t *testing.T) {
	for _, want := range []error{nil, errEnough} {
		synctest.Test(t, func(t *testing.T) {
			src := sourceFunc(func(_ context.Context, emit func(Op) error) error {
				for n := range 100 {
					emit(created(fmt.Sprint(n)))
				}
				return want
			})
			taken := 0
			err := Buffered(src).Stream(t.Context(), func(Op) error {
				time.Sleep(time.Second)
				taken++
				return nil
			})
			if err != want || taken != 100 {
				t.Errorf("got %v after %d ops, want %v after 100", err, taken, want)
			}
		})
	}
}

func TestBuffered_EndsWithTheErrorOfEmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("log full")
		told := make(chan error, 1)
		src := sourceFunc(func(_ context.Context, emit func(Op) error) error {
			for {
				if err := emit(destroyed("A")); err != nil {
					told <- err
					return nil
				}
			}
		})
		if err := Buffered(src).Stream(t.Context(), func(Op) error { return full }); err != full {
			t.Errorf("got %v, want %v", err, full)
		}
		if err := <-told; err != full {
			t.Errorf("the source was told %v, want %v", err, full)
		}
	})
}

func TestBuffered_EndsWithItsContext(t *testing.T) {
	for name, emitting := range map[string]bool{"quiet": false, "full": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				src := sourceFunc(func(ctx context.Context, emit func(Op) error) error {
					for emitting {
						if err := emit(destroyed("A")); err != nil {
							return err
						}
					}
					return Sleep(ctx, 24*time.Hour)
				})
				began := time.Now()
				err := Buffered(src).Stream(ctx, func(Op) error { return Sleep(ctx, time.Minute) })
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Hour {
					t.Errorf("got %v after %v", err, time.Since(began))
				}
			})
		})
	}
}

func TestQueued_KeepsTheNameAndTheWaitsOfItsSource(t *testing.T) {
	for _, src := range []Source{Buffered(named{}), Filtered(named{}, NewFilter(Wanted{})), Buffered(Filtered(named{}, NewFilter(Wanted{})))} {
		if name(src) != "somewhere" || !waitsOf(src).AtOnce {
			t.Errorf("got %s, %+v", name(src), waitsOf(src))
		}
	}
}

func BenchmarkBuffered(b *testing.B) {
	op := created("A")
	b.ReportAllocs()
	src := sourceFunc(func(_ context.Context, emit func(Op) error) error {
		for b.Loop() {
			emit(op)
		}
		return nil
	})
	if err := Buffered(src).Stream(b.Context(), ignore); err != nil {
		b.Fatal(err)
	}
}
