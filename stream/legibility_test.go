package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// statesOf runs a source and returns its states, each with its fault.
func statesOf(t *testing.T, src func(src Source, emit func(Op) error)) (states []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		source := sourceFunc(func(_ context.Context, emit func(Op) error) error { return nil })
		source = func(_ context.Context, emit func(Op) error) error { src(source, emit); return nil }
		if err := Run(t.Context(), quiet, source, func(op Op) error {
			if op.Kind == Status {
				states = append(states, strings.TrimSpace(fmt.Sprint(op.Notice.State, " ", op.Notice.Fault)))
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	return states
}

func TestRun_ASourceIsSilentUntilItsFirstPost(t *testing.T) {
	got := statesOf(t, func(src Source, emit func(Op) error) {
		emit(NewLive(src))
		emit(Op{Kind: Destroy})
		emit(NewLive(src))
		emit(Op{Kind: Create})
		emit(Op{Kind: Create})
		emit(NewLive(src)) // as after a reconnect
	})
	if want := []string{"connecting", "silent", "silent", "live", "live", "finished"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLegibility_ReportsManyUnreadableMessagesInARow(t *testing.T) {
	broken := errors.New("no JSON")
	got := statesOf(t, func(src Source, emit func(Op) error) {
		var l Legibility
		add := func(n int, why error) {
			for range n {
				l.Add(src, why, emit)
			}
		}
		emit(NewLive(src))
		emit(Op{Kind: Create})
		add(mostUnreadable-1, broken)
		add(1, nil)
		add(mostUnreadable-1, broken)
		add(1, nil) // odd messages now and then are no fault
		add(3*mostUnreadable, broken)
		add(1, nil)
		add(mostUnreadable, broken)
		emit(Op{Kind: Create}) // a post, from wherever it is
	})
	want := []string{"connecting", "silent", "live", "silent unreadable", "live", "silent unreadable", "live", "finished"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
