package twitter

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"nagare/stream/internal/lines"
	"nagare/stream/internal/netclock"
)

// FuzzMessageBody verifies that frame and messagesOf find the same messages. Frame reads the
// stream in pieces and buffers no more than its limit; messagesOf has the whole stream.
func FuzzMessageBody(f *testing.F) {
	post := postJSON("1", "one")
	for _, stream := range []string{
		"", "\r\n", "\n\n\r\n{}\r\n", "{}\n{}\r\n{}", post + "\r\n" + post, "a\r\r\n\n\rb\r\n",
		strings.Repeat("x", 199) + "\r\n{}\r\n", strings.Repeat("x", 198) + "\r\n", strings.Repeat("\r", 300) + "\n", strings.Repeat("7", 201),
	} {
		f.Add(stream)
	}
	f.Fuzz(func(t *testing.T, stream string) {
		for _, in := range []io.Reader{strings.NewReader(stream), iotest.OneByteReader(strings.NewReader(stream))} {
			b := newMessageBody(t.Context(), io.NopCloser(in), new(netclock.Clock))
			b.r, b.limit = bufio.NewReaderSize(in, 16), 200
			var got []string
			for {
				message, err := b.frame()
				switch {
				case errors.Is(err, lines.ErrLongLine):
					got = append(got, "too long")
				case len(message) > 0:
					got = append(got, string(message))
				}
				if cap(b.buf) > 1024 {
					t.Fatalf("it holds %d bytes", cap(b.buf))
				}
				if err != nil && !errors.Is(err, lines.ErrLongLine) {
					break
				}
			}
			if want := messagesOf(stream, b.limit); !slices.Equal(got, want) || b.bytes != uint64(len(stream)) {
				t.Errorf("got %q of %d bytes, want %q", got, b.bytes, want)
			}
		}
	})
}

// messagesOf returns the messages of a whole stream. The last message counts even without a
// line end, if it is valid JSON.
func messagesOf(stream string, limit int) (out []string) {
	var message string
	for line := range strings.Lines(stream) {
		message += line
		var document nesting
		document.add([]byte(message))
		if !strings.HasSuffix(message, "\r\n") && !(strings.HasSuffix(message, "\n") && (message == "\n" || document.complete())) {
			continue
		}
		if text := trimmedBytes(message); len(message) > limit {
			out = append(out, "too long")
		} else if text != "" {
			out = append(out, text)
		}
		message = ""
	}
	if text := trimmedBytes(message); len(message) <= limit && json.Valid([]byte(text)) {
		out = append(out, text)
	}
	return out
}

func trimmedBytes(s string) string { return string(bytes.TrimSpace([]byte(s))) }
