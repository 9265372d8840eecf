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

// twitterBody is the body of a stream as go-twitter gets to read it: whole messages
// only, none over the limit, one at a time; each is put into lines, too, as it came.
// In place of one that is too long go-twitter gets an empty one, so that it says when.
type messageBody struct {
	ctx   context.Context
	from  io.ReadCloser
	limit int         // bytes of a message
	lines chan []byte // of messages that go-twitter has read but nobody has taken; nil for one that was too long

	// owned by go-twitter, until it has ended
	r                           *bufio.Reader
	buf                         []byte
	rest                        []byte // of buf, that go-twitter has not read
	bytes, messages, keepAlives uint64
	tooLong                     uint64 // messages
	heard                       time.Time
	why                         error // the body ended
}

func newMessageBody(ctx context.Context, from io.ReadCloser) *messageBody {
	return &messageBody{
		ctx:   ctx,
		from:  from,
		limit: lines.MaxLine,
		r:     bufio.NewReaderSize(from, 64<<10),
		lines: make(chan []byte, 2), // one is being taken while the next is read
		heard: time.Now(),
	}
}

// Read never goes beyond the end of a message, so go-twitter, which buffers, reads
// one only when it has handed over the one before.
func (b *messageBody) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		if err := b.next(); err != nil {
			b.why = endReason(err)
			return 0, err
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// Close closes the connection.
func (b *messageBody) Close() error { return b.from.Close() }

// next gets a message ready to be read.
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

// frame reads up to the end of a message, which is CR LF: LF alone may stand inside.
// At the end of the stream, what isn't whole is dropped.
func (b *messageBody) frame() ([]byte, error) {
	b.buf = b.buf[:0]
	tooLong := false
	for {
		chunk, err := b.r.ReadSlice('\n')
		b.bytes += uint64(len(chunk))
		if n := len(b.buf); n+len(chunk) > b.limit {
			tooLong = true
			b.buf = append(b.buf[:0], b.buf[n-1]) // it may be the CR of the end
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
		b.heard = time.Now()
		if tooLong {
			b.tooLong++
			return nil, lines.ErrLongLine
		}
		return bytes.TrimSpace(b.buf), nil
	}
}
