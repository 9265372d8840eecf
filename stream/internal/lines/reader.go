package lines

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// maxLine is the longest line that is read, in bytes before its line feed.
const MaxLine = 4 << 20

// errLongLine is about one line only: the next call of next goes on behind it.
var ErrLongLine = errors.New("line too long")

// lines cuts a file into lines. It never holds more than maxLine of it, however
// long a line is and however well it was compressed: what goes over the limit
// is dropped as it is read.
type Reader struct {
	r      *bufio.Reader
	buf    []byte // the line as far as it is read; reused by the next one
	Offset int64  // bytes up to the end of it
}

// newLines opens the envelope: gzip, told by its first two bytes, and the byte
// order mark that some editors put in front.
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

// areEvents reports whether the file is a stream of Server-Sent Events: no JSON
// begins like one of their lines.
func (l *Reader) AreEvents() bool {
	start, _ := l.r.Peek(16)
	for _, field := range []string{":", "event:", "data:", "id:", "retry:"} {
		if bytes.HasPrefix(bytes.TrimLeft(start, "\r\n"), []byte(field)) {
			return true
		}
	}
	return false
}

// events reads the file as a stream of events instead.
func (l *Reader) Events() *EventReader { return NewEventReader(l.r) }

// next returns a line without its end and without the white space around it;
// it is valid until the next call. The last line may lack its line feed, and a
// compressed file may lack its end, as it does if its writer was killed: what
// stands there is a line like any other. After the last line comes io.EOF.
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
