package replay

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nagare/stream/networks"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
)

// Every op that Decode accepts can be replayed. After it was moved to the present, it can be
// encoded, and is decoded to the same op.
func FuzzDecode(f *testing.F) {
	for line := range strings.Lines(demo[:20_000]) {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"op":"destroy","id":"x","at":"0001-01-01T00:00:01+24:00"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		op, err := recording.Decode(line)
		if err != nil {
			return
		}
		op = shifted(op, streamtest.Recorded)
		again, err := json.Marshal(op)
		if err != nil {
			t.Fatalf("accepted, but can't be written: %v", err)
		}
		got, err := recording.Decode(again)
		if diff := cmp.Diff(op, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("came back changed, %v:\n%s", err, diff)
		}
	})
}

// From any file, the reader returns only ops that pass Check, and reaches an end.
func FuzzLines(f *testing.F) {
	f.Add("\ufeff\r\n\r\n{}\n{")
	f.Add("\x1f\x8b\x08")
	f.Add(streamtest.Zipped(f, demo[:4_000]))
	for _, sent := range nativeLines {
		f.Add(sent)
	}
	f.Fuzz(func(t *testing.T, file string) {
		r, err := newReader(strings.NewReader(file), networks.Decoders(""))
		if err != nil {
			return
		}
		for {
			op, err := r.next()
			if err != nil {
				return
			}
			if op.At.IsZero() && op.Post == nil { // a message of a network can lack a time
				op.At = streamtest.Recorded
			}
			if err := recording.Check(op); err != nil {
				t.Errorf("emitted %+v: %v", op, err)
			}
		}
	})
}
