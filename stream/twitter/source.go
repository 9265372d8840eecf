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
	"nagare/stream/internal/netclock"
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

	lastRead  time.Time // when the server last sent anything, by the clock of the network
	endReason string    // why the last connection ended

	// Safe for concurrent use.

	anomalies anomaly.Counter
	clock     netclock.Clock // of the network
	rate      fetch.RateLimit
}

// String names the source in the log and on the page.
func (t *Source) String() string { return "twitter" }

// Network is the value of [stream.Post].Source in its posts.
func (t *Source) Network() string { return "twitter" }

// Quota is the rate limit of the account.
func (t *Source) Quota() stream.Quota { return t.rate.Quota() }

// log adds the name of the source, not the Source itself: a log handler could print its fields,
// such as the keys.
func (t *Source) log() *slog.Logger {
	return cmp.Or(t.Log, slog.Default()).With("source", t.String())
}

// Waits are the waits that X's documentation asks for.
func (t *Source) Waits() stream.Waits { return x.Waits() }

// Stream reads one connection until it ends.
func (t *Source) Stream(ctx context.Context, emit func(stream.Op) error) error {
	var c *connection
	err := t.connected(ctx, func(got *connection, messages <-chan any) error {
		c = got
		if err := stream.EmitLive(t, emit, t.lastRead, t.clock.Now(), t.endReason); err != nil {
			return err
		}
		return t.follow(c, messages, emit)
	})
	if c != nil {
		err = cmp.Or(err, c.body.err, errEnded)
		t.lastRead, t.endReason = c.body.lastRead, err.Error()
		t.log().Debug("connection ended", "bytes", c.body.bytes, "messages", c.body.messages,
			"keepalives", c.body.keepAlives, "too_long", c.body.tooLong)
	}
	return err
}

// Check opens the stream, and closes it as soon as the server has responded. If the account is
// limited to one connection, a connection that is already open is closed by the server.
func (t *Source) Check(ctx context.Context) error {
	return t.connected(ctx, func(*connection, <-chan any) error { return nil })
}

// connected opens the stream and calls do when the server has responded. When connected
// returns, the connection is closed and its goroutines have ended.
//
// There are two obstacles: go-twitter can't be stopped while it connects or sends to its
// channel, and its method Stop must be called only once. So the context ends go-twitter through
// its transport, and the channel is drained before Stop is called.
func (t *Source) connected(ctx context.Context, do func(*connection, <-chan any) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := t.Client
	if client == nil {
		client = fetch.NewClient()
		defer client.CloseIdleConnections()
	}
	c, err := t.newConnection(ctx, client)
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

// follow emits the ops of all messages. It decodes the lines as the server sent them and
// ignores the structs of go-twitter, which have flaws: they lack alternative texts and exact
// times, posts without a count of reposts are missing, and a number that can't be parsed
// becomes 0.
func (t *Source) follow(c *connection, messages <-chan any, emit func(stream.Op) error) error {
	var dropped uint64 // how many posts the server has reported as dropped on this connection
	var legible stream.Legibility
	for range messages {
		var line []byte
		select {
		case line = <-c.body.lines:
		default: // there is no line: go-twitter reports that the connection has ended
			continue
		}
		op, unreadable, err := t.read(line, &dropped)
		if err == nil {
			err = legible.Add(t, unreadable, emit)
		}
		if err == nil && op.Kind != "" {
			err = emit(op)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var errUnknown = errors.New("neither a post nor a known notice")

// read returns the op of a line; Kind is "" if the line has none. A line is nil if it was too
// long. Unreadable says why the line can't be read; nil if it can. The error err is the reason in a
// disconnect message.
func (t *Source) read(line []byte, dropped *uint64) (op stream.Op, unreadable, err error) {
	if line == nil {
		t.note("too long")
		return stream.NewNotice(t, stream.Lost, stream.Notice{Count: 1}), lines.ErrLongLine, nil
	}
	m, unreadable := decode(line, t.Country)
	if sent := m.op.At; !sent.IsZero() {
		t.clock.Event(sent)
	}
	switch {
	case unreadable != nil:
		t.note("unreadable", "err", unreadable)
	case stream.IsPermanent(m.end):
		return stream.Op{}, nil, m.end
	case m.end != nil: // the text of the error is from the server, which may repeat a key
		return stream.Op{}, nil, stream.WithFault(stream.FaultOf(m.end), errors.New(text.Truncate(stream.Redact(m.end.Error(), t.keys()...), 240)))
	case m.dropped > *dropped:
		m.op = stream.NewNotice(t, stream.Lost, stream.Notice{Count: m.dropped - *dropped})
		*dropped = m.dropped
	case m.percentFull > 0:
		t.log().Warn("falling behind", "percent", m.percentFull)
	case m.op.Kind == "":
		if t.note(m.kind); m.kind == "unknown" {
			unreadable = errUnknown
		}
	}
	return receivedAt(m.op, t.clock.Now()), unreadable, nil
}

// receivedAt sets the time of an op to now, the time of its arrival by the clock of the network.
// If a post claims to be newer than that, its time is set to now too.
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

func readableEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return errEnded
	}
	return err
}
