package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRun_ReopensABrokenSourceAfterGrowingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var opened []time.Time
		src := sourceFunc(func(context.Context, func(Op) error) error {
			if opened = append(opened, time.Now()); len(opened) == 9 {
				return nil
			}
			return io.ErrUnexpectedEOF
		})
		if err := Run(t.Context(), quiet, src, ignore); err != nil {
			t.Fatal(err)
		}
		full := usual.First
		for i := range opened[1:] {
			wait := opened[i+1].Sub(opened[i])
			if wait <= full*3/4-1 || wait > full {
				t.Errorf("wait %d: got %v, want at most a quarter less than %v", i+1, wait, full)
			}
			full = min(2*full, usual.Longest)
		}
	})
}

func TestRun_ResetsTheWaitsOnlyAfterAConnectionOfAMinute(t *testing.T) {
	for life, want := range map[time.Duration]time.Duration{
		healthyLife:     usual.First,
		healthyLife - 1: usual.Longest,
	} {
		t.Run(life.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var broke, reopened time.Time
				opened := 0
				src := sourceFunc(func(ctx context.Context, _ func(Op) error) error {
					if opened++; opened == 12 {
						reopened = time.Now()
						return nil
					}
					Sleep(ctx, life)
					broke = time.Now()
					return io.ErrUnexpectedEOF
				})
				if err := Run(t.Context(), quiet, src, ignore); err != nil {
					t.Fatal(err)
				}
				if got := reopened.Sub(broke); got < want/2 || got > want {
					t.Errorf("the eleventh wait was %v, want about %v", got, want)
				}
			})
		})
	}
}

func TestBackoff_ShortensTheWaitAtRandom(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 20 {
		b := Backoff{Waits: waitsOf(nil)}
		seen[b.Next(io.EOF, 0)] = true
	}
	if len(seen) < 2 {
		t.Errorf("20 feeds that broke together all wait %v", seen)
	}
}

func TestBackoff_WaitsAsLongAsTheServerAsksAlsoAfterAHealthyConnection(t *testing.T) {
	patient := Waits{
		AtOnce: true, Broken: usual,
		Refused: Schedule{First: 5 * time.Second, Longest: 320 * time.Second},
		Limited: Schedule{First: time.Minute, Longest: 16 * time.Minute},
	}
	for name, test := range map[string]struct {
		why         error
		least, most time.Duration
	}{
		"sent away":               {&StatusError{Code: 429}, 45 * time.Second, time.Minute},
		"asked to wait":           {&StatusError{Code: 429, Wait: 10 * time.Minute}, 10 * time.Minute, 10*time.Minute + 5*time.Second},
		"asked to wait briefly":   {&StatusError{Code: 429, Wait: 3 * time.Second}, 3 * time.Second, 3750 * time.Millisecond},
		"asked while restarting":  {&StatusError{Code: 503, Wait: time.Second}, time.Second, 1250 * time.Millisecond},
		"a fault of the server's": {fmt.Errorf("stream: %w", &StatusError{Code: 503}), 3750 * time.Millisecond, 5 * time.Second},
		"only cut off":            {io.EOF, 0, 0},
	} {
		b := Backoff{Waits: patient}
		for range 2 { // the second wait follows the same rule as the first
			if got := b.Next(test.why, 2*time.Minute); got < test.least || got > test.most {
				t.Errorf("%s: waits %v, want %v to %v", name, got, test.least, test.most)
			}
		}
	}
}

func TestBackoff_WaitsLongerIfTheServerRefusesAgainAfterTheWaitItAskedFor(t *testing.T) {
	limited := Schedule{First: time.Minute, Longest: 16 * time.Minute}
	b := Backoff{Waits: Waits{Broken: usual, Refused: usual, Limited: limited}}
	for _, want := range []time.Duration{3 * time.Second, 6 * time.Second, 12 * time.Second, 24 * time.Second} {
		got := b.Next(&StatusError{Code: 429, Wait: 3 * time.Second}, time.Second)
		if got < max(3*time.Second, want*3/4) || got > want*5/4 {
			t.Errorf("waits %v, want about %v", got, want)
		}
	}
	if got := b.Next(&StatusError{Code: 429, Wait: time.Hour}, time.Second); got < time.Hour {
		t.Errorf("waits %v although the server asks for an hour", got)
	}
}

func TestRun_EndsWithItsContextInTheLongestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		broken := sourceFunc(func(context.Context, func(Op) error) error { return io.ErrUnexpectedEOF })
		began := time.Now()
		if err := Run(ctx, quiet, broken, ignore); err != nil {
			t.Errorf("got %v, want nil: the end was asked for", err)
		}
		if took := time.Since(began); took != time.Hour {
			t.Errorf("ended after %v, want exactly %v", took, time.Hour)
		}
	})
}

func TestRun_EndsAtAPermanentError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened := 0
		src := sourceFunc(func(context.Context, func(Op) error) error {
			opened++
			return Permanent(io.ErrNoProgress)
		})
		if err := Run(t.Context(), quiet, src, ignore); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("got %v, want %v", err, io.ErrNoProgress)
		}
		if opened != 1 {
			t.Errorf("opened %d times, want once", opened)
		}
	})
}

func TestRun_EndsWithTheErrorOfEmitEvenIfTheSourceSwallowsIt(t *testing.T) {
	full := errors.New("log full")
	emitted := 0
	src := sourceFunc(func(_ context.Context, emit func(Op) error) error {
		emit(Op{Kind: Create})
		emit(Op{Kind: Create})
		return nil
	})
	err := Run(t.Context(), quiet, src, func(op Op) error {
		if op.Kind != Create {
			return nil
		}
		emitted++
		return full
	})
	if err != full {
		t.Errorf("got %v, want %v", err, full)
	}
	if emitted != 1 {
		t.Errorf("emitted %d ops, want none after the first was refused", emitted)
	}
}

func TestRun_LogsWhichSourceBrokeAndWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		broken := true
		src := sourceFunc(func(context.Context, func(Op) error) error {
			if broken {
				broken = false
				return io.ErrUnexpectedEOF
			}
			return nil
		})
		if err := Run(t.Context(), slog.New(slog.NewTextHandler(&out, nil)), src, ignore); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"feed broke, reopening", "source=stream.sourceFunc", "broken off in the middle of the data", "feed finished"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in the log:\n%s", want, out.String())
			}
		}
	})
}
