package twitter

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"nagare/stream/internal/lines"
)

// messageReader reads the messages of a stream. Each message ends with CR LF and may contain LF.
type messageReader struct {
	r     *bufio.Reader
	limit int    // of a message, in bytes
	buf   []byte // reused by the next message
}

func newMessageReader(from io.Reader) *messageReader {
	return &messageReader{r: bufio.NewReaderSize(from, 64<<10), limit: lines.MaxLine}
}

// next returns the next message, which is valid until the following call. A keep-alive is an empty
// message. If a message is over the limit, next returns [lines.ErrLongLine], and the following
// call continues after that message. If the stream ends within a message, that message is dropped.
func (m *messageReader) next() ([]byte, error) {
	m.buf = m.buf[:0]
	tooLong := false
	for {
		chunk, err := m.r.ReadSlice('\n')
		if n := len(m.buf); n+len(chunk) > m.limit {
			tooLong = true
			m.buf = append(m.buf[:0], m.buf[n-1]) // this byte may be the CR of the CR LF that ends the message
		}
		m.buf = append(m.buf, chunk...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			if message := bytes.TrimSpace(m.buf); errors.Is(err, io.EOF) && !tooLong && json.Valid(message) {
				return message, nil
			}
			return nil, err
		case !bytes.HasSuffix(m.buf, []byte("\r\n")) && len(m.buf) > 1:
			continue
		case tooLong:
			return nil, lines.ErrLongLine
		}
		return bytes.TrimSpace(m.buf), nil
	}
}
