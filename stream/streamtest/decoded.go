// Package streamtest has helpers for the tests of several packages.
package streamtest

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

// Decoded returns the ops that the decoder d makes of recorded lines.
func Decoded(t *testing.T, d stream.Decoder, lines ...string) (ops []stream.Op) {
	t.Helper()
	for _, line := range lines {
		m := stream.Message{Line: []byte(line)}
		if err := json.Unmarshal(m.Line, &m.Fields); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		op, err := d.Decode(m)
		if err != nil || !d.Owns(m) {
			t.Fatalf("%v in %s", err, line)
		}
		ops = append(ops, op)
	}
	return ops
}

// WantReasons verifies the reasons of all ops that end a post or an author.
func WantReasons(t *testing.T, ops []stream.Op, want ...stream.Reason) {
	t.Helper()
	var got []stream.Reason
	for _, op := range ops {
		if op.Kind == stream.Destroy || op.Kind == stream.AuthorGone {
			got = append(got, op.Reason)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s\n%+v", d, ops)
	}
}
