package twitter

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"nagare/stream"
	"nagare/stream/internal/anomaly"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/text"
)

// Source reads the streams of Twitter's API v1.1: statuses/filter and statuses/sample.
// X has shut down its own; a gateway that speaks the same protocol is read at Base. The
// streams can't be resumed: a [stream.Gap] reports what was missed between connections.
//
// A Source is one stream. It must not be streamed twice at the same time.
type Source struct {
	// Set before use.
	ConsumerKey    stream.Secret // of the app
	ConsumerSecret stream.Secret
	AccessToken    stream.Secret // of the account that the app reads for
	AccessSecret   stream.Secret
	Base           string       // of a gateway, as "https://gateway.example"; it may need no keys. Empty: X's own address
	Track          []string     // phrases, at most 400 of 60 bytes
	Languages      []string     // BCP 47; empty: all
	Sample         bool         // a sample of all posts, whatever Track is
	Country        string       // ISO code of the audience: posts that are withheld there are left out. Empty: unknown
	Client         *http.Client // only its Transport is used. Nil: one that bounds the time until an answer
	Log            *slog.Logger // nil: slog.Default()

	// Owned by Stream, for its next call.
	heard time.Time // when the server last sent anything
	why   string    // why the connection ended

	anomalies anomaly.Counter
}

// String names the source in the log and on the page.
func (t *Source) String() string { return "twitter" }

// Network is the Source of its posts.
func (t *Source) Network() string { return "twitter" }

func (t *Source) log() *slog.Logger {
	return cmp.Or(t.Log, slog.Default()).With("source", t.String())
}

// waits are what Twitter asks of its clients.
func (t *Source) Waits() stream.Waits {
	return stream.Waits{
		AtOnce:  true,
		Broken:  stream.Schedule{First: 250 * time.Millisecond, Longest: 16 * time.Second, Linear: true},
		Refused: stream.Schedule{First: 5 * time.Second, Longest: 320 * time.Second},
		Limited: stream.Schedule{First: time.Minute, Longest: 16 * time.Minute},
	}
}

// Stream is one connection.
func (t *Source) Stream(ctx context.Context, emit func(stream.Op) error) error {
	var c *connection
	err := t.connected(ctx, func(got *connection, messages <-chan any) error {
		c = got
		if err := t.emitGap(emit); err != nil {
			return err
		}
		return t.follow(c, messages, emit)
	})
	if c != nil {
		err = cmp.Or(err, c.body.why, errEnded)
		t.heard, t.why = c.body.heard, err.Error()
		t.log().Debug("connection ended", "bytes", c.body.bytes, "messages", c.body.messages,
			"keepalives", c.body.keepAlives, "too_long", c.body.tooLong)
	}
	return err
}

// Check opens the stream, and closes it as soon as the server has answered. Where
// an account may have one connection only, it takes the place of a running one.
func (t *Source) Check(ctx context.Context) error {
	return t.connected(ctx, func(*connection, <-chan any) error { return nil })
}

// connected opens the stream and calls do when the server has answered. Nothing of
// the connection is left when it returns.
//
// go-twitter can't be stopped while it connects, nor while it hands something over
// that nobody takes, and not twice. So it is ended by ctx, through its transport,
// and its channel is read to the end; after that, Stop is only a formality.
func (t *Source) connected(ctx context.Context, do func(*connection, <-chan any) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := t.Client
	if client == nil {
		client = fetch.NewClient()
		defer client.CloseIdleConnections()
	}
	c, err := t.connection(ctx, client)
	if err != nil {
		return err
	}
	connected, err := t.open(&http.Client{Transport: c})
	if err != nil {
		return stream.Permanent(err)
	}
	defer connected.Stop()
	defer drain(connected.Messages)
	defer cancel()
	if err := c.wait(); err != nil {
		return err
	}
	return do(c, connected.Messages)
}

func drain(messages <-chan any) {
	for range messages {
	}
}

// tellOfTheGap says that the server has answered, and what was missed since the
// connection before.
func (t *Source) emitGap(emit func(stream.Op) error) error {
	if err := emit(stream.NewLive(t)); err != nil || t.heard.IsZero() {
		return err
	}
	return emit(stream.NewNotice(t, stream.Gap, stream.Notice{From: t.heard, To: time.Now(), Reason: t.why}))
}

// follow emits what the messages say. Of a message it reads the line as it came,
// not what go-twitter makes of it: that has no alternative texts, no exact times
// and no posts without a count of reposts, and numbers it can't read become 0.
func (t *Source) follow(c *connection, messages <-chan any, emit func(stream.Op) error) error {
	var told uint64 // of the posts that the server has left out
	for range messages {
		var line []byte
		select {
		case line = <-c.body.lines:
		default: // it says that it can't connect again: the connection has ended
			continue
		}
		op, err := t.read(line, &told)
		if err == nil && op.Kind != "" {
			err = emit(op)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read makes an op of a line, which is nil if it was too long; the op's Kind is "" if
// there is nothing to tell. It returns an error if the server says that the connection
// is about to end.
func (t *Source) read(line []byte, told *uint64) (stream.Op, error) {
	if line == nil {
		t.note("too long")
		return stream.NewNotice(t, stream.Lost, stream.Notice{Count: 1}), nil
	}
	m, err := decode(line, t.Country)
	switch {
	case err != nil:
		t.note("unreadable", "err", err)
	case stream.IsPermanent(m.end):
		return stream.Op{}, m.end
	case m.end != nil: // in the server's words
		return stream.Op{}, stream.WithFault(stream.FaultOf(m.end), errors.New(text.Truncate(stream.Redact(m.end.Error(), t.keys()...), 240)))
	case m.lost > *told:
		m.op = stream.NewNotice(t, stream.Lost, stream.Notice{Count: m.lost - *told})
		*told = m.lost
	case m.full > 0:
		t.log().Warn("falling behind", "percent", m.full)
	case m.op.Kind == "":
		t.note(m.kind)
	}
	return arrived(m.op, time.Now()), nil
}

// arrived is the op of a message that has come just now. No post is younger.
func arrived(op stream.Op, now time.Time) stream.Op {
	op.At = now
	if t := op.Post; t != nil {
		t.CreatedAt = stream.Earliest(t.CreatedAt, now)
	}
	return op
}

// note counts a kind of message that has no effect.
func (t *Source) note(kind string, attrs ...any) {
	t.anomalies.Note(t.log(), slog.LevelDebug, kind, attrs...)
}

// errTwitterEnded is io.EOF in the words of an operator.
var errEnded = stream.WithFault(stream.FaultUnreachable, errors.New("the server ended the connection"))

func endReason(err error) error {
	if errors.Is(err, io.EOF) {
		return errEnded
	}
	return err
}
