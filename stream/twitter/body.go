package twitter

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"nagare/stream/internal/lines"
)

// messageBody is the response body that go-twitter reads. It returns whole messages
// within the limit, one at a time, and sends each line unchanged to lines. A message over
// the limit is replaced: by {} for go-twitter, which then sends to its channel as for any
// message, and by nil in lines.
type messageBody struct {
	// Set by newMessageBody.

	ctx   context.Context
	from  io.ReadCloser
	limit int         // bytes of a message
	lines chan []byte // read by Source.follow

	// Owned by the goroutine of go-twitter until that has ended.

	r                           *bufio.Reader
	buf                         []byte
	rest                        []byte // of buf, not yet read by go-twitter
	bytes, messages, keepAlives uint64
	tooLong                     uint64 // messages
	lastRead                    time.Time
	err                         error // why the body ended
}

func newMessageBody(ctx context.Context, from io.ReadCloser) *messageBody {
	return &messageBody{
		ctx:   ctx,
		from:  from,
		limit: lines.MaxLine,
		r:     bufio.NewReaderSize(from, 64<<10),
		lines: make(chan []byte, 2), // one line is decoded while the next is read

		lastRead: time.Now(),
	}
}

// Read never returns bytes of two messages, so that go-twitter, which buffers its input,
// reads a message only after it has sent the one before to its channel.
func (b *messageBody) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		if err := b.next(); err != nil {
			b.err = readableEOF(err)
			return 0, err
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// Close closes the connection.
func (b *messageBody) Close() error { return b.from.Close() }

// next reads a message from the connection into rest.
func (b *messageBody) next() error {
	for {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		message, err := b.frame()
		line := bytes.Clone(message)
		switch {
		case errors.Is(err, lines.ErrLongLine):
			message, line = []byte("{}"), nil
		case err != nil:
			return err
		case len(message) == 0:
			b.keepAlives++
			continue
		}
		b.messages++
		select {
		case b.lines <- line:
		case <-b.ctx.Done():
			return b.ctx.Err()
		}
		b.rest = append(message, "\r\n"...)
		return nil
	}
}

// frame reads a message, which ends with CR LF and may contain LF. A truncated message at
// the end of the stream is dropped.
func (b *messageBody) frame() ([]byte, error) {
	b.buf = b.buf[:0]
	tooLong := false
	for {
		chunk, err := b.r.ReadSlice('\n')
		b.bytes += uint64(len(chunk))
		if n := len(b.buf); n+len(chunk) > b.limit {
			tooLong = true
			b.buf = append(b.buf[:0], b.buf[n-1]) // it may be the CR of the message's end
		}
		b.buf = append(b.buf, chunk...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			if message := bytes.TrimSpace(b.buf); errors.Is(err, io.EOF) && !tooLong && json.Valid(message) {
				return message, nil
			}
			return nil, err
		case !bytes.HasSuffix(b.buf, []byte("\r\n")) && len(b.buf) > 1:
			continue
		}
		b.lastRead = time.Now()
		if tooLong {
			b.tooLong++
			return nil, lines.ErrLongLine
		}
		return bytes.TrimSpace(b.buf), nil
	}
}
