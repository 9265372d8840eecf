// Package lines reads lines and Server-Sent Events. It never keeps more than MaxLine bytes of
// one in memory.
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

// ErrLongLine says that one line was longer than MaxLine. The next call of Next continues
// after that line.
var ErrLongLine = errors.New("line too long")

// Reader divides a file into lines. It keeps at most MaxLine bytes of a line in memory, and
// drops the rest while reading. This also holds for a compressed file, whose lines can be much
// longer than the file.
type Reader struct {
	r      *bufio.Reader
	buf    []byte // the current line; reused by the next one
	Offset int64  // bytes read so far, up to the end of the current line
}

// NewReader makes a reader. It detects gzip by its first two bytes, and skips a byte order
// mark.
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

// AreEvents reports whether the file is a stream of Server-Sent Events. They are recognized by
// their first line, which begins with a field name or a colon, as no JSON does.
func (l *Reader) AreEvents() bool {
	start, _ := l.r.Peek(16)
	for _, field := range []string{":", "event:", "data:", "id:", "retry:"} {
		if bytes.HasPrefix(bytes.TrimLeft(start, "\r\n"), []byte(field)) {
			return true
		}
	}
	return false
}

// Events returns a reader of the file as a stream of events.
func (l *Reader) Events() *EventReader { return NewEventReader(l.r) }

// Next returns the next line without its line end and without white space around it. The line
// is valid until the next call. The last line can lack its line feed. A compressed file can
// lack its end, as it does if the program that wrote it was killed. After the last line, Next
// returns io.EOF.
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

// AtEnd reports whether err means the end of the file, expected or not.
func AtEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
