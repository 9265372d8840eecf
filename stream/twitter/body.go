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
	"nagare/stream/internal/netclock"
)

// messageBody is the response body that go-twitter reads. It reads whole messages from the
// connection. Each message is returned by Read and also sent, unchanged, to lines. If a message
// is over the limit, go-twitter reads {} in its place, so that it sends a value to its channel
// as for any message, and lines receives nil.
type messageBody struct {
	// Set by newMessageBody.

	ctx   context.Context
	from  io.ReadCloser
	limit int         // of a message, in bytes
	lines chan []byte // read by Source.follow
	clock *netclock.Clock

	// Owned by the goroutine of go-twitter until that has ended.

	r                           *bufio.Reader
	buf                         []byte
	rest                        []byte // the part of buf that go-twitter has not read yet
	bytes, messages, keepAlives uint64
	tooLong                     uint64    // number of messages over the limit
	lastRead                    time.Time // by the clock of the network
	err                         error     // why Read failed
}

func newMessageBody(ctx context.Context, from io.ReadCloser, clock *netclock.Clock) *messageBody {
	return &messageBody{
		ctx:   ctx,
		from:  from,
		limit: lines.MaxLine,
		r:     bufio.NewReaderSize(from, 64<<10),
		lines: make(chan []byte, 2), // holds the next line while one is decoded

		clock:    clock,
		lastRead: clock.Now(),
	}
}

// Read never returns bytes of two messages at once. go-twitter buffers its input; so it can
// read a message only after it has sent the previous one to its channel.
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

// next reads a message from the connection into rest, and sends it to lines.
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

// frame reads a message. It ends with CR LF, or with LF where a JSON document is complete, as some
// gateways send it; a document may contain LF. If the stream ends within a message, it drops that
// message.
func (b *messageBody) frame() ([]byte, error) {
	b.buf = b.buf[:0]
	tooLong, document := false, nesting{}
	for {
		chunk, err := b.r.ReadSlice('\n')
		b.bytes += uint64(len(chunk))
		if n := len(b.buf); n+len(chunk) > b.limit {
			tooLong = true
			b.buf = append(b.buf[:0], b.buf[n-1]) // this byte may be the CR of the CR LF that ends the message
		}
		b.buf = append(b.buf, chunk...)
		document.add(chunk)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			if message := bytes.TrimSpace(b.buf); errors.Is(err, io.EOF) && !tooLong && json.Valid(message) {
				return message, nil
			}
			return nil, err
		case !bytes.HasSuffix(b.buf, []byte("\r\n")) && len(b.buf) > 1 && !document.complete():
			continue
		}
		b.lastRead = b.clock.Now()
		if tooLong {
			b.tooLong++
			return nil, lines.ErrLongLine
		}
		return bytes.TrimSpace(b.buf), nil
	}
}

// nesting follows the brackets of a JSON document.
type nesting struct {
	depth             int
	opened            bool // a bracket was opened
	inString, escaped bool
}

func (n *nesting) add(text []byte) {
	for _, c := range text {
		switch {
		case n.escaped:
			n.escaped = false
		case c == '"':
			n.inString = !n.inString
		case n.inString:
			n.escaped = c == '\\'
		case c == '{' || c == '[':
			n.depth++
			n.opened = true
		case c == '}' || c == ']':
			n.depth--
		}
	}
}

// complete reports whether all brackets and strings that were opened are closed.
func (n *nesting) complete() bool { return n.opened && n.depth <= 0 && !n.inString }
