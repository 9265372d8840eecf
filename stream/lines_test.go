package stream

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// zipped is text as gzip writes it.
func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// cutShort takes the checksum and the length off the end of a gzip file.
func cutShort(file string) string { return file[:len(file)-8] }

// allLines reads to the end; a line that is too long reads "LONG".
func allLines(t testing.TB, file io.Reader) []string {
	t.Helper()
	l, err := newLines(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		line, err := l.next()
		switch err {
		case nil:
			got = append(got, string(line))
		case errLongLine:
			got = append(got, "LONG")
		case io.EOF:
			return got
		default:
			t.Fatal(err)
		}
	}
}

func TestLines_AreCutWhateverTheEnvelope(t *testing.T) {
	for name, file := range map[string]string{
		"plain":                 "one\ntwo\n",
		"no final newline":      "one\ntwo",
		"CRLF":                  "one\r\ntwo\r\n",
		"byte order mark":       "\ufeffone\ntwo\n",
		"gzip":                  zipped(t, "one\ntwo\n"),
		"gzip in two members":   zipped(t, "one\n") + zipped(t, "two\n"),
		"gzip, mark and CRLF":   zipped(t, "\ufeffone\r\ntwo"),
		"gzip without its tail": cutShort(zipped(t, "one\ntwo\n")),
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]string{"one", "two"}, allLines(t, strings.NewReader(file))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLines_AtTheLimitPassAndOverItAreSkipped(t *testing.T) {
	atLimit, over := strings.Repeat("x", maxLine), strings.Repeat("x", maxLine+1)
	for name, test := range map[string]struct {
		file string
		want []string
	}{
		"at the limit":       {atLimit + "\nnext\n", []string{atLimit, "next"}},
		"over it":            {over + "\nnext\n", []string{"LONG", "next"}},
		"over it, the last":  {"first\n" + over, []string{"first", "LONG"}},
		"five megabytes":     {strings.Repeat("x", 5<<20) + "\nnext", []string{"LONG", "next"}},
		"two of them":        {over + "\n" + over + "\n", []string{"LONG", "LONG"}},
		"gzip, at the limit": {zipped(t, atLimit+"\nnext"), []string{atLimit, "next"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := allLines(t, strings.NewReader(test.file)); !cmp.Equal(test.want, got) {
				t.Errorf("got %d lines, not the %d wanted", len(got), len(test.want))
			}
		})
	}
}

func TestLines_HoldNoMoreThanTheLimit(t *testing.T) {
	bomb := zipped(t, strings.Repeat("x", 16<<20)+"\nnext\n")
	if len(bomb) > 100<<10 {
		t.Fatalf("the bomb is %d bytes, want a small one", len(bomb))
	}
	l, err := newLines(strings.NewReader(bomb))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.next(); err != errLongLine {
		t.Errorf("got %v, want %v", err, errLongLine)
	}
	if cap(l.buf) > 2*maxLine {
		t.Errorf("%d bytes are held for a line that is dropped", cap(l.buf))
	}
	if line, err := l.next(); string(line) != "next" {
		t.Errorf("got %q, %v after the bomb, want the next line", line, err)
	}
}
