package replay

import (
	"bytes"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream/streamtest"
)

// In a file of captured messages, the times of two lines can be months apart, or go backwards.
func TestReplay_AtAFixedRateIgnoresTheRecordedTimes(t *testing.T) {
	file := streamtest.Line(1, 0) + streamtest.Line(2, 300*24*time.Hour) + streamtest.Line(3, time.Hour) + streamtest.Line(4, time.Hour)
	for rate, want := range map[float64]time.Duration{0.5: 2 * time.Second, 4: 250 * time.Millisecond, math.Inf(1): 0} {
		synctest.Test(t, func(t *testing.T) {
			r := replayOf(file)
			r.Rate, r.Speed, r.Loop = rate, 7, true
			got := listen(t, r, 6)
			for i := range 3 {
				if gap := got[i+1].when.Sub(got[i].when); gap != want {
					t.Errorf("at %v a second, op %d came %v after the one before, want %v", rate, i+1, gap, want)
				}
			}
			if pause, want := got[4].when.Sub(got[3].when), max(want, shortestPause); pause != want {
				t.Errorf("at %v a second, it paused %v between rounds, want %v", rate, pause, want)
			}
			if gap := got[5].when.Sub(got[4].when); gap != want {
				t.Errorf("at %v a second, the second round begins with a gap of %v, want %v", rate, gap, want)
			}
		})
	}
}

func TestReplay_SkipsTheStartOffsetInEachRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf(streamtest.Line(1, 0) + streamtest.Line(2, 10*time.Second) + streamtest.Line(3, 12*time.Second) + streamtest.Line(4, 13*time.Second))
		r.Start, r.Speed, r.Loop = 11*time.Second, 2, true
		began := time.Now()
		got := listen(t, r, 4)
		if diff := cmp.Diff([]string{"create replay:3", "create replay:4", "create replay:3~2", "create replay:4~2"}, ids(got)); diff != "" {
			t.Error(diff)
		}
		for i, want := range []time.Duration{500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 3 * time.Second} {
			if came := got[i].when.Sub(began); came != want {
				t.Errorf("op %d came after %v, want %v", i, came, want)
			}
		}
	})
}

func TestReplay_LogsALongPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := replayOf(streamtest.Line(1, 0) + streamtest.Line(2, time.Minute) + streamtest.Line(3, time.Hour))
		r.Log = slog.New(slog.NewTextHandler(&out, nil))
		listen(t, r, 3)
		if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `msg="long pause in the recording" source="replay test" next_post_in=59m0s`) {
			t.Errorf("the log is %q", got)
		}
	})
}
