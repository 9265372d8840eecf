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
	"nagare/stream/internal/lines"
	"nagare/stream/internal/text"
	"nagare/stream/x"
)

// Source reads a stream of Twitter's API v1.1: statuses/filter or statuses/sample.
//
// Stream must not be called while an earlier call is running.
type Source struct {
	// Set before the first call, and not changed later.

	ConsumerKey    stream.Secret // of the app
	ConsumerSecret stream.Secret
	AccessToken    stream.Secret // of the account
	AccessSecret   stream.Secret
	Base           string       // of a gateway, like "https://gateway.example"; keys are optional then; empty: X's own address
	Track          []string     // phrases, at most 400 of 60 bytes
	Languages      []string     // BCP 47; empty: all
	Sample         bool         // read statuses/sample, and ignore Track
	Country        string       // of the audience, ISO 3166; posts withheld there are not emitted; empty: unknown
	Client         *http.Client // only Transport is used; nil: a client of its own
	Log            *slog.Logger // nil: slog.Default()

	// Owned by Stream, and by its next call.

	lastRead  time.Time // when the server last sent anything
	endReason string    // why the last connection ended

	// Safe for concurrent use.

	anomalies anomaly.Counter
}

// String names the source in the log and on the page.
func (t *Source) String() string { return "twitter" }

// Network is the value of [stream.Post].Source in its posts.
func (t *Source) Network() string { return "twitter" }

// log adds the name of the source, not the Source itself: a log handler could print its fields,
// such as the keys.
func (t *Source) log() *slog.Logger {
	return cmp.Or(t.Log, slog.Default()).With("source", t.String())
}

// Waits are the waits that X's documentation asks for.
func (t *Source) Waits() stream.Waits { return x.Waits() }

// Stream reads one connection until it ends.
func (t *Source) Stream(ctx context.Context, emit func(stream.Op) error) error {
	return t.connected(ctx, func(body io.Reader) error {
		opened := time.Now()
		err := stream.EmitLive(t, emit, t.lastRead, t.endReason)
		t.lastRead = opened
		if err == nil {
			err = t.follow(newMessageReader(body), emit)
		}
		t.endReason = err.Error()
		return err
	})
}

// Check opens the stream, and closes it as soon as the server has responded. If the account is
// limited to one connection, a connection that is already open is closed by the server.
func (t *Source) Check(ctx context.Context) error {
	return t.connected(ctx, func(io.Reader) error { return nil })
}

// connected opens the stream and calls do with its body. When connected returns, the connection is
// closed and its goroutines have ended.
func (t *Source) connected(ctx context.Context, do func(body io.Reader) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := t.Client
	if client == nil {
		client = fetch.NewClient()
		defer client.CloseIdleConnections()
	}
	body, err := t.open(ctx, client)
	if err != nil {
		return err
	}
	defer body.Close()
	return do(body)
}

// follow emits the ops of all messages, until the connection breaks.
func (t *Source) follow(in *messageReader, emit func(stream.Op) error) error {
	var dropped uint64 // how many posts the server has reported as dropped on this connection
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return errEnded
		case err != nil && !errors.Is(err, lines.ErrLongLine):
			return err
		}
		t.lastRead = time.Now()
		if err == nil && len(line) == 0 { // a keep-alive
			continue
		}
		op, err := t.read(line, &dropped)
		if err == nil && op.Kind != "" {
			err = emit(op)
		}
		if err != nil {
			return err
		}
	}
}

// read returns the op of a line; Kind is "" if the line has none. A line is nil if it was too
// long. The error is the reason in a disconnect message.
func (t *Source) read(line []byte, dropped *uint64) (stream.Op, error) {
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
	case m.end != nil: // the text of the error is from the server, which may repeat a key
		return stream.Op{}, stream.WithFault(stream.FaultOf(m.end), errors.New(text.Truncate(stream.Redact(m.end.Error(), t.keys()...), 240)))
	case m.dropped > *dropped:
		m.op = stream.NewNotice(t, stream.Lost, stream.Notice{Count: m.dropped - *dropped})
		*dropped = m.dropped
	case m.percentFull > 0:
		t.log().Warn("falling behind", "percent", m.percentFull)
	case m.op.Kind == "":
		t.note(m.kind)
	}
	return receivedAt(m.op, time.Now()), nil
}

// receivedAt sets the time of an op to now, the time of its arrival. If a post claims to be
// newer than that, its time is set to now too.
func receivedAt(op stream.Op, now time.Time) stream.Op {
	op.At = now
	if t := op.Post; t != nil {
		t.CreatedAt = stream.Earliest(t.CreatedAt, now)
	}
	return op
}

// note counts a message that has no effect.
func (t *Source) note(kind string, attrs ...any) {
	t.anomalies.Note(t.log(), slog.LevelDebug, kind, attrs...)
}

// errEnded replaces io.EOF, because the text "EOF" in the log and the status would tell the
// operator nothing.
var errEnded = stream.WithFault(stream.FaultUnreachable, errors.New("the server ended the connection"))
