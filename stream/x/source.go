package x

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"nagare/stream"
	"nagare/stream/internal/anomaly"
)

const (
	longestSilence = 30 * time.Second // read timeout: X sends a keep-alive every 20 seconds
	defaultRecheck = 15 * time.Minute // between two rounds of lookups
	longestStay    = 24 * time.Hour   // X's limit for showing a post without looking it up again
)

// Source reads the filtered stream of the X API v2: the posts that match any of the app's
// rules.
//
// Stream must not be called while an earlier call is running.
type Source struct {
	// Set before the first call, and not changed later.

	Token   stream.Secret // the app's bearer token (OAuth 2.0, app-only)
	Rules   []string      // in X's query language; empty: use the rules that the app has
	Budget  int           // posts that may be read in a day (UTC)
	Country string        // ISO 3166 code of the audience: posts that are withheld there are not emitted; empty: unknown
	Recheck time.Duration // between two rounds of lookups, which use up to a fifth of the budget; 0: 15 minutes; negative: no lookups
	Base    string        // empty: https://api.x.com
	Store   *stream.Store // saves the count of the budget; nil: the count is lost on a restart
	Client  *http.Client  // nil: each call of Stream and Check makes its own
	Log     *slog.Logger  // nil: slog.Default()

	// Safe for concurrent use.

	usage     budget
	shown     shownPosts
	anomalies anomaly.Counter
	// Owned by the reader of Stream, and by its next call.

	isOwn     func([]rule) bool // whether a post with these matching rules is emitted; set by updateRules
	lastRead  time.Time         // when the last line arrived
	gapReason string            // why no line has arrived since

	// Owned by recheckLoop, and by its next call.

	lastRecheck time.Time
}

var errNoBudget = errors.New("no budget: say how many posts may be read in a day, each is billed")

// String is the source's name.
func (x *Source) String() string { return "x" }

// Network is the value of [stream.Post].Source in its posts.
func (x *Source) Network() string { return "x" }

// Waits are those of X's documentation: linear after a broken connection, exponential
// after a refusal, and longer after a rate limit.
func (x *Source) Waits() stream.Waits {
	return stream.Waits{
		AtOnce:  true,
		Broken:  stream.Schedule{First: 250 * time.Millisecond, Longest: 16 * time.Second, Linear: true},
		Refused: stream.Schedule{First: 5 * time.Second, Longest: 320 * time.Second},
		Limited: stream.Schedule{First: time.Minute, Longest: 16 * time.Minute},
	}
}

// Stream updates the rules and reads the stream. While the day's budget is used up it
// doesn't return but waits: the rechecks continue.
func (x *Source) Stream(ctx context.Context, emit func(stream.Op) error) error {
	if x.Budget <= 0 {
		return stream.Permanent(errNoBudget)
	}
	ctx, stop := context.WithCancel(ctx)
	api := x.api()
	defer api.close()
	var rechecks sync.WaitGroup
	defer rechecks.Wait()
	defer stop()
	emit = x.synchronized(emit, stop)
	rechecks.Go(func() { x.recheckLoop(ctx, api, emit) })
	return x.follow(ctx, api, emit)
}

// synchronized makes emit safe for concurrent use by the reader and recheckLoop, and
// records the posts that are shown. An error of emit stops both.
func (x *Source) synchronized(emit func(stream.Op) error, stop func()) func(stream.Op) error {
	var mu sync.Mutex
	return func(op stream.Op) error {
		mu.Lock()
		defer mu.Unlock()
		x.shown.record(op)
		err := emit(op)
		if err != nil {
			stop()
		}
		return err
	}
}

// log names the source by its name: a handler that formats the Source itself would print
// its fields.
func (x *Source) log() *slog.Logger {
	return cmp.Or(x.Log, slog.Default()).With("source", x.String())
}

// redact removes the token from a text of X, which may repeat it.
func (x *Source) redact(text string) string { return stream.Redact(text, x.Token) }
