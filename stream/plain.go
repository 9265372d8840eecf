package stream

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// plainWords are errors whose texts are terms of programming, each with words for operators.
var plainWords = []struct {
	err   error
	words string
}{
	{io.ErrUnexpectedEOF, "broken off in the middle of the data"},
	{io.EOF, "the server closed the connection"},
	{context.DeadlineExceeded, "no answer in time"},
	{os.ErrDeadlineExceeded, "no answer in time"},
	{gzip.ErrHeader, "the data is not compressed as its beginning says"},
	{gzip.ErrChecksum, "the compressed data is damaged"},
}

// Plain returns an error that wraps err, in words that an operator understands. It returns err
// itself if the message has no terms of programming.
func Plain(err error) error {
	if err == nil {
		return nil
	}
	message := err.Error()
	for _, known := range plainWords {
		if errors.Is(err, known.err) {
			message = strings.Replace(message, known.err.Error(), known.words, 1)
		}
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		message = strings.Replace(message, syntax.Error(), "malformed JSON", 1)
	}
	if typed, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		message = strings.Replace(message, typed.Error(), fmt.Sprintf("the field %q is a %s", typed.Field, typed.Value), 1)
	}
	if message == err.Error() {
		return err
	}
	return &rewordedError{err, message}
}

// rewordedError is err with another message.
type rewordedError struct {
	err     error
	message string
}

func (e *rewordedError) Error() string { return e.message }

func (e *rewordedError) Unwrap() error { return e.err }
