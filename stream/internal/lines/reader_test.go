package lines

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream/streamtest"
)

// allLines reads to the end. It returns each line, and "LONG" for a line over the limit.
func allLines(t testing.TB, file io.Reader) []string {
	t.Helper()
	l, err := NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		line, err := l.Next()
		switch err {
		case nil:
			got = append(got, string(line))
		case ErrLongLine:
			got = append(got, "LONG")
		case io.EOF:
			return got
		default:
			t.Fatal(err)
		}
	}
}

func TestLines_AreTheSameWithCRLFByteOrderMarkOrGzip(t *testing.T) {
	for name, file := range map[string]string{
		"plain":                 "one\ntwo\n",
		"no final newline":      "one\ntwo",
		"CRLF":                  "one\r\ntwo\r\n",
		"byte order mark":       "\ufeffone\ntwo\n",
		"gzip":                  streamtest.Zipped(t, "one\ntwo\n"),
		"gzip in two members":   streamtest.Zipped(t, "one\n") + streamtest.Zipped(t, "two\n"),
		"gzip, mark and CRLF":   streamtest.Zipped(t, "\ufeffone\r\ntwo"),
		"gzip without its tail": streamtest.CutShort(streamtest.Zipped(t, "one\ntwo\n")),
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]string{"one", "two"}, allLines(t, strings.NewReader(file))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLines_OverTheLimitAreSkipped(t *testing.T) {
	atLimit, over := strings.Repeat("x", MaxLine), strings.Repeat("x", MaxLine+1)
	for name, test := range map[string]struct {
		file string
		want []string
	}{
		"at the limit":       {atLimit + "\nnext\n", []string{atLimit, "next"}},
		"over it":            {over + "\nnext\n", []string{"LONG", "next"}},
		"over it, the last":  {"first\n" + over, []string{"first", "LONG"}},
		"five megabytes":     {strings.Repeat("x", 5<<20) + "\nnext", []string{"LONG", "next"}},
		"two of them":        {over + "\n" + over + "\n", []string{"LONG", "LONG"}},
		"gzip, at the limit": {streamtest.Zipped(t, atLimit+"\nnext"), []string{atLimit, "next"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := allLines(t, strings.NewReader(test.file)); !cmp.Equal(test.want, got) {
				t.Errorf("got %d lines, not the %d wanted", len(got), len(test.want))
			}
		})
	}
}

func TestLines_TakeNoMoreMemoryThanTheLimit(t *testing.T) {
	bomb := streamtest.Zipped(t, strings.Repeat("x", 16<<20)+"\nnext\n")
	if len(bomb) > 100<<10 {
		t.Fatalf("the bomb is %d bytes, want a small one", len(bomb))
	}
	l, err := NewReader(strings.NewReader(bomb))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Next(); err != ErrLongLine {
		t.Errorf("got %v, want %v", err, ErrLongLine)
	}
	if cap(l.buf) > 2*MaxLine {
		t.Errorf("%d bytes are held for a line that is dropped", cap(l.buf))
	}
	if line, err := l.Next(); string(line) != "next" {
		t.Errorf("got %q, %v after the bomb, want the next line", line, err)
	}
}
