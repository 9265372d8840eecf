package streamtest

import (
	"strings"
	"testing"

	"nagare/stream"
)

// WantUnreadable requires that ops report once that nothing could be read, and afterwards that
// the source is live again.
func WantUnreadable(t *testing.T, ops []stream.Op) {
	t.Helper()
	var faults []string
	for _, op := range OpsOf(stream.Status, ops) {
		if op.Notice.State == stream.Silent && op.Notice.Fault == stream.FaultUnreadable {
			faults = append(faults, op.Notice.Reason)
		}
	}
	if len(faults) != 1 || !strings.Contains(faults[0], "none of the last 10 messages could be read") || LastStatus(ops).State == stream.Silent && LastStatus(ops).Fault != "" {
		t.Errorf("the reports are %q and the last status is %+v, want one report, and a live source", faults, LastStatus(ops))
	}
}
