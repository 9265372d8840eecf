package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestPlain_ReplacesTermsOfProgramming(t *testing.T) {
	var number struct{ N int }
	for want, err := range map[string]error{
		"x: rules: broken off in the middle of the data": fmt.Errorf("x: rules: %w", io.ErrUnexpectedEOF),
		"the server closed the connection":               Permanent(io.EOF),
		"lookup: no answer in time":                      fmt.Errorf("lookup: %w", context.DeadlineExceeded),
		"a post: malformed JSON":                         fmt.Errorf("a post: %w", json.Unmarshal([]byte(`{"n":}`), &number)),
		`a post: the field "N" is a string`:              fmt.Errorf("a post: %w", json.Unmarshal([]byte(`{"N":"1"}`), &number)),
		"403 Forbidden: EOF is not allowed":              &StatusError{Code: 403, Text: "EOF is not allowed"},
	} {
		plain := Plain(err)
		if plain.Error() != want || !errors.Is(plain, err) || IsPermanent(plain) != IsPermanent(err) || FaultOf(plain) != FaultOf(err) {
			t.Errorf("got %q, want %q; it wraps the error: %v", plain, want, errors.Is(plain, err))
		}
	}
	if Plain(nil) != nil {
		t.Error("no error became one")
	}
}

func TestRun_StatusesAreInPlainWords(t *testing.T) {
	src := sourceFunc(func(context.Context, func(Op) error) error { return Permanent(io.ErrUnexpectedEOF) })
	var reason string
	err := Run(t.Context(), quiet, src, func(op Op) error {
		reason = op.Notice.Reason
		return nil
	})
	if want := "broken off in the middle of the data"; reason != want || err == nil || err.Error() != want {
		t.Errorf("the status says %q, the error %v", reason, err)
	}
}
