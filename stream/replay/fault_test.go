package replay

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
)

func TestReplay_ReportsAMissingOrUnreadableFile(t *testing.T) {
	for name, test := range map[string]struct {
		replay *Replay
		want   stream.Fault
	}{
		"no file":              {File(t.TempDir() + "/missing.ndjson"), stream.FaultGone},
		"no file but a folder": {File(t.TempDir()), stream.FaultUnreadable},
		"no posts":             {replayOf("\n"), stream.FaultUnreadable},
		"half gzip":            {replayOf("\x1f\x8b"), stream.FaultUnreadable},
	} {
		var last stream.Notice
		stream.Run(t.Context(), streamtest.Quiet, test.replay, func(op stream.Op) error { last = *op.Notice; return nil })
		if last.State != stream.Stopped || last.Fault != test.want || last.Network != "replay" {
			t.Errorf("%s: ended as %+v, want %s", name, last, test.want)
		}
	}
}

// Without this notice, a page would show "Quiet so far" for hours without a reason.
func TestReplay_ReportsWhenTheNextPostIsDueDuringALongPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		later := streamtest.Created("B")
		later.At = streamtest.Recorded.Add(5 * time.Hour)
		began := time.Now()
		var got []string
		r := replayOf(recordOf(streamtest.Created("A")) + recordOf(later))
		if err := stream.Run(t.Context(), streamtest.Quiet, r, func(op stream.Op) error {
			line := fmt.Sprint(time.Since(began), " ", op.Kind, " ", op.ID)
			if n := op.Notice; n != nil {
				line = fmt.Sprint(time.Since(began), " ", n.State, " ", n.Fault)
				if !n.Retry.IsZero() {
					line += " until " + n.Retry.Sub(began).String()
				}
			}
			got = append(got, line)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want := []string{"0s connecting ", "0s live ", "0s create A", "0s waiting  until 5h0m0s", "5h0m0s live ", "5h0m0s create B", "5h0m0s finished "}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

func recordOf(op stream.Op) string {
	line, err := recording.Encode(op)
	if err != nil {
		panic(err)
	}
	return string(line)
}
