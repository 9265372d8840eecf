// Package lines reads lines and Server-Sent Events, and never keeps more than a bounded
// part of one in memory.
package lines

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// MaxLine is the longest line, in bytes without the line feed.
const MaxLine = 4 << 20

// ErrLongLine is about one line only: the next call of Next continues after it.
var ErrLongLine = errors.New("line too long")

// Reader divides a file into lines. It keeps at most MaxLine of a line in memory, however
// long the line is and however well it was compressed: the rest is dropped as it is read.
type Reader struct {
	r      *bufio.Reader
	buf    []byte // the current line; reused by the next one
	Offset int64  // bytes up to the end of the line
}

// NewReader detects gzip by its first two bytes, and skips a byte order mark.
func NewReader(r io.Reader) (*Reader, error) {
	plain := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := plain.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		inflated, err := gzip.NewReader(plain)
		if err != nil {
			return nil, err
		}
		plain = bufio.NewReaderSize(inflated, 64<<10)
	}
	if mark, _ := plain.Peek(3); string(mark) == "\ufeff" {
		plain.Discard(len(mark))
	}
	return &Reader{r: plain}, nil
}

// AreEvents reports whether the file is a stream of Server-Sent Events: no JSON begins like
// one of their lines.
func (l *Reader) AreEvents() bool {
	start, _ := l.r.Peek(16)
	for _, field := range []string{":", "event:", "data:", "id:", "retry:"} {
		if bytes.HasPrefix(bytes.TrimLeft(start, "\r\n"), []byte(field)) {
			return true
		}
	}
	return false
}

// Events reads the file as a stream of events instead.
func (l *Reader) Events() *EventReader { return NewEventReader(l.r) }

// Next returns a line without its end and without white space around it; it is valid until
// the next call. The last line may lack its line feed, and a compressed file may lack its
// end, as it does if its writer was killed. After the last line, Next returns io.EOF.
func (l *Reader) Next() ([]byte, error) {
	l.buf = l.buf[:0]
	tooLong := false
	for {
		chunk, err := l.r.ReadSlice('\n')
		l.Offset += int64(len(chunk))
		text := bytes.TrimSuffix(chunk, []byte("\n"))
		if tooLong = tooLong || len(l.buf)+len(text) > MaxLine; !tooLong {
			l.buf = append(l.buf, text...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !AtEnd(err):
			return nil, err
		case tooLong:
			return nil, ErrLongLine
		case err != nil && len(l.buf) == 0:
			return nil, io.EOF
		}
		return bytes.TrimSpace(l.buf), nil
	}
}

func AtEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
