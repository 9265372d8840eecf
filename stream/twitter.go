package stream

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Twitter reads the streams of Twitter's API v1.1: statuses/filter and
// statuses/sample. X has shut its own; a gateway that speaks the same is read at
// Base. Nothing is remembered between connections, because these streams can't be
// resumed: what was missed is told as a [Gap].
type Twitter struct {
	ConsumerKey    Secret // of the app
	ConsumerSecret Secret
	AccessToken    Secret // of the account that the app reads for
	AccessSecret   Secret

	Base        string       // of a gateway, as "https://gateway.example"; then it may do without keys. Default: X's own
	Track       []string     // phrases, at most 400 of 60 bytes
	Follow      []string     // ids of users, at most 5,000
	Locations   []string     // boxes, at most 25, each "west,south,east,north" in degrees
	Languages   []string     // BCP 47; default: all
	FilterLevel string       // none, low or medium; default: none
	Sample      bool         // a sample of all posts; then of the above only Languages counts
	Country     string       // ISO code of where the page is shown: what is withheld there isn't. Default: nowhere
	Client      *http.Client // its Transport is used; default: one that bounds the time until an answer
	Log         *slog.Logger // default: slog.Default()

	// What the next call of Stream wants to know of the one before it.
	heard time.Time       // when the server last said anything
	why   string          // it ended
	told  map[string]bool // kinds of message that have been logged
}

// String names the source in the log and on the page.
func (t *Twitter) String() string { return "twitter" }

// Network is the Source of its posts.
func (t *Twitter) Network() string { return "twitter" }

func (t *Twitter) log() *slog.Logger {
	return cmp.Or(t.Log, slog.Default()).With("source", t.String())
}

// waits are what Twitter asks of its clients.
func (t *Twitter) waits() waits {
	return waits{
		atOnce:  true,
		broken:  schedule{first: 250 * time.Millisecond, longest: 16 * time.Second, linear: true},
		refused: schedule{first: 5 * time.Second, longest: 320 * time.Second},
		limited: schedule{first: time.Minute, longest: 16 * time.Minute},
	}
}

// Stream is one connection.
func (t *Twitter) Stream(ctx context.Context, emit func(Op) error) error {
	var c *twitterConnection
	err := t.connected(ctx, func(got *twitterConnection, messages <-chan any) error {
		c = got
		if err := t.tellOfTheGap(emit); err != nil {
			return err
		}
		return t.follow(c, messages, emit)
	})
	if c != nil {
		err = cmp.Or(err, c.body.why, errTwitterEnded)
		t.heard, t.why = c.body.heard, err.Error()
		t.log().Debug("connection ended", "bytes", c.body.bytes, "messages", c.body.messages,
			"keepalives", c.body.keepAlives, "too_long", c.body.tooLong)
	}
	return err
}

// Check opens the stream, and closes it as soon as the server has answered. Where
// an account may have one connection only, it takes the place of a running one.
func (t *Twitter) Check(ctx context.Context) error {
	return t.connected(ctx, func(*twitterConnection, <-chan any) error { return nil })
}

// connected opens the stream and calls do when the server has answered. Nothing of
// the connection is left when it returns.
//
// go-twitter can't be stopped while it connects, nor while it hands something over
// that nobody takes, and not twice. So it is ended by ctx, through its transport,
// and its channel is read to the end; after that, Stop is only a formality.
func (t *Twitter) connected(ctx context.Context, do func(*twitterConnection, <-chan any) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := t.Client
	if client == nil {
		client = newClient()
		defer client.CloseIdleConnections()
	}
	c, err := t.connection(ctx, client)
	if err != nil {
		return err
	}
	stream, err := t.open(&http.Client{Transport: c})
	if err != nil {
		return Permanent(err)
	}
	defer stream.Stop()
	defer drain(stream.Messages)
	defer cancel()
	if err := c.wait(); err != nil {
		return err
	}
	return do(c, stream.Messages)
}

func drain(messages <-chan any) {
	for range messages {
	}
}

// tellOfTheGap says that the server has answered, and what was missed since the
// connection before.
func (t *Twitter) tellOfTheGap(emit func(Op) error) error {
	if err := emit(live(t)); err != nil || t.heard.IsZero() {
		return err
	}
	return emit(notice(t, Gap, Notice{From: t.heard, To: time.Now(), Reason: t.why}))
}

// follow emits what the messages say. Of a message it reads the line as it came,
// not what go-twitter makes of it: that has no alternative texts, no exact times
// and no posts without a count of reposts, and numbers it can't read become 0.
func (t *Twitter) follow(c *twitterConnection, messages <-chan any, emit func(Op) error) error {
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
func (t *Twitter) read(line []byte, told *uint64) (Op, error) {
	if line == nil {
		t.once("too long")
		return notice(t, Lost, Notice{Count: 1}), nil
	}
	m, err := decodeTwitter(line, t.Country)
	switch {
	case err != nil:
		t.once("unreadable", "err", err)
	case isPermanent(m.end):
		return Op{}, m.end
	case m.end != nil: // in the server's words
		return Op{}, WithFault(FaultOf(m.end), errors.New(cutRunes(hide(m.end.Error(), t.keys()...), 240)))
	case m.lost > *told:
		m.op = notice(t, Lost, Notice{Count: m.lost - *told})
		*told = m.lost
	case m.full > 0:
		t.log().Warn("falling behind", "percent", m.full)
	case m.op.Kind == "":
		t.once(m.kind)
	}
	return m.op.arrived(time.Now()), nil
}

// arrived is the op of a message that has come just now. No post is younger.
func (op Op) arrived(now time.Time) Op {
	op.At = now
	if t := op.Post; t != nil {
		t.CreatedAt = earliest(t.CreatedAt, now)
	}
	return op
}

// once logs a kind of message from which nothing is told, the first time it comes.
func (t *Twitter) once(kind string, more ...any) {
	if t.told[kind] {
		return
	}
	if t.told == nil {
		t.told = map[string]bool{}
	}
	t.told[kind] = true
	t.log().Debug("passing over such messages", append([]any{"kind", kind}, more...)...)
}

// errTwitterEnded is io.EOF in the words of an operator.
var errTwitterEnded = WithFault(FaultUnreachable, errors.New("the server ended the connection"))

func twitterEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return errTwitterEnded
	}
	return err
}
