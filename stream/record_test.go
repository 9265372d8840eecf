package stream

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestDecode_SaysWhatIsWrongWithALine(t *testing.T) {
	for name, test := range map[string]struct{ line, want string }{
		"no JSON":               {`{"op":`, "unexpected end"},
		"a list":                {`[]`, "cannot unmarshal"},
		"nothing known in it":   {`{"delete":{"status":{"id":1}}}`, "no id"},
		"no id":                 {`{"op":"destroy","at":"2026-10-03T09:00:00Z"}`, "no id"},
		"no time":               {`{"op":"destroy","id":"replay:1"}`, "no time"},
		"unknown op":            {`{"op":"like","id":"replay:1","at":"2026-10-03T09:00:00Z"}`, `unknown op "like"`},
		"no op":                 {`{"id":"replay:1","at":"2026-10-03T09:00:00Z"}`, `unknown op ""`},
		"create without tweet":  {`{"op":"create","id":"replay:1","at":"2026-10-03T09:00:00Z"}`, "create without a tweet"},
		"update without tweet":  {`{"op":"update","id":"replay:1","at":"2026-10-03T09:00:00Z"}`, "update without a tweet"},
		"another tweet's id":    {`{"op":"create","id":"replay:1","at":"2026-10-03T09:00:00Z","tweet":{"id":"replay:2"}}`, "of a tweet"},
		"tweet without a time":  {`{"op":"create","id":"replay:1","at":"2026-10-03T09:00:00Z","tweet":{"id":"replay:1"}}`, "created_at"},
		"author without a key":  {`{"op":"author_gone","at":"2026-10-03T09:00:00Z","author":{}}`, "author's key"},
		"author without a time": {`{"op":"author_back","author":{"key":"k"}}`, "no time"},
		"news without any":      {`{"op":"lost","at":"2026-10-03T09:00:00Z"}`, "without a notice"},
		"state of a feed":       {`{"op":"status","id":"a","at":"2026-10-03T09:00:00Z","notice":{"source":"x"}}`, "unknown op"},
		"edit of a repost":      {`{"op":"update","id":"a","at":"2026-10-03T09:00:00Z","tweet":{"id":"b","created_at":"2026-10-03T09:00:00Z","reposted_by":{"handle":"c"}}}`, "of a tweet"},
		"field of a wrong type": {`{"op":"create","id":7,"at":"2026-10-03T09:00:00Z"}`, "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode([]byte(test.line))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestDecode_TakesFieldsOfANewerProgram(t *testing.T) {
	op, err := decode([]byte(`{"op":"destroy","id":"replay:1","at":"2026-10-03T09:00:00Z","because":"tidy"}`))
	if err != nil || op.Kind != Destroy || op.ID != "replay:1" {
		t.Errorf("got %+v, %v, want the destroy", op, err)
	}
}

// FuzzDecode holds that what decode accepts can be replayed: moved to the
// present it is an op that can be written, and read again as the same.
func FuzzDecode(f *testing.F) {
	for line := range strings.Lines(demo[:20_000]) {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"op":"destroy","id":"x","at":"0001-01-01T00:00:01+24:00"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		op, err := decode(line)
		if err != nil {
			return
		}
		op = op.moved(recorded)
		again, err := json.Marshal(op)
		if err != nil {
			t.Fatalf("accepted, but can't be written: %v", err)
		}
		got, err := decode(again)
		if diff := cmp.Diff(op, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("came back changed, %v:\n%s", err, diff)
		}
	})
}

// FuzzLines holds that no file, whatever is in it, is read as anything but
// ops that keep the rules, up to an end.
func FuzzLines(f *testing.F) {
	f.Add("\ufeff\r\n\r\n{}\n{")
	f.Add("\x1f\x8b\x08")
	f.Add(zipped(f, demo[:4_000]))
	for _, sent := range nativeLines {
		f.Add(sent)
	}
	f.Fuzz(func(t *testing.T, file string) {
		r, err := newRecording(strings.NewReader(file), "")
		if err != nil {
			return
		}
		for {
			op, err := r.next()
			if err != nil {
				return
			}
			if op.At.IsZero() && op.Post == nil { // as in what a network sent
				op.At = recorded
			}
			if err := op.check(); err != nil {
				t.Errorf("emitted %+v: %v", op, err)
			}
		}
	})
}
