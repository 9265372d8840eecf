package recording

import (
	"strings"
	"testing"

	"nagare/stream"
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
			_, err := Decode([]byte(test.line))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestDecode_IgnoresUnknownFields(t *testing.T) {
	op, err := Decode([]byte(`{"op":"destroy","id":"replay:1","at":"2026-10-03T09:00:00Z","because":"tidy"}`))
	if err != nil || op.Kind != stream.Destroy || op.ID != "replay:1" {
		t.Errorf("got %+v, %v, want the destroy", op, err)
	}
}
