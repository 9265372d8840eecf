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
	"nagare/stream/internal/netclock"
)

const (
	longestSilence = 30 * time.Second // read timeout: X sends a keep-alive every 20 seconds
	defaultRecheck = 15 * time.Minute // between two rounds of lookups
	longestStay    = 24 * time.Hour   // how long a post is shown at most
)

// Source reads the filtered stream of the X API v2. The stream has the posts that match at
// least one rule of the app.
//
// Stream must not be called while an earlier call is running.
type Source struct {
	// Set before the first call, and not changed later.

	Token   stream.Secret // the app's bearer token (OAuth 2.0, app-only)
	Rules   []string      // in X's query language; empty: use the rules that the app has
	Budget  int           // posts that may be read in a day (UTC)
	Price   float64       // US dollars for each of them; 0: unknown, or free
	Country string        // of the audience, ISO 3166; posts withheld there are not emitted; empty: unknown
	Recheck time.Duration // time between two rounds of lookups; 0: 15 minutes; negative: no lookups
	Base    string        // address of the API; empty: https://api.x.com
	Store   stream.Store  // saves the count of the budget; nil: the count is lost on a restart
	Client  *http.Client  // nil: each call of Stream and Check makes its own
	Log     *slog.Logger  // nil: slog.Default()

	// Safe for concurrent use.

	usage     budget
	shown     shownPosts
	anomalies anomaly.Counter
	clock     netclock.Clock // of X

	// Owned by the goroutine that reads the stream, and by the next call of Stream.

	isOwn     func([]rule) bool // whether to emit a post that matches these rules; set by updateRules
	lastRead  time.Time         // when the last line arrived, by the clock of X
	gapReason string            // why no line has arrived since then
	legible   stream.Legibility // of the current connection

	// Owned by recheckLoop, and by the next call of Stream.

	lastRecheck time.Time
}

var errNoBudget = errors.New("no budget: say how many posts may be read in a day, each is billed")

// String is the source's name.
func (x *Source) String() string { return "x" }

// Network is the value of [stream.Post].Source in its posts.
func (x *Source) Network() string { return "x" }

// Quota is how much of the day's budget is used.
func (x *Source) Quota() stream.Quota { return x.usage.quota(x, time.Now()) }

// Waits are the waits that X's documentation asks for.
func (x *Source) Waits() stream.Waits { return Waits() }

// Waits returns the waits that X's documentation asks for, for all of its streams: linear after a
// broken connection, exponential after a refusal, and longer after a rate limit.
func Waits() stream.Waits {
	return stream.Waits{
		AtOnce:  true,
		Broken:  stream.Schedule{First: 250 * time.Millisecond, Longest: 16 * time.Second, Linear: true},
		Refused: stream.Schedule{First: 5 * time.Second, Longest: 320 * time.Second},
		Limited: stream.Schedule{First: time.Minute, Longest: 16 * time.Minute},
	}
}

// Stream updates the rules and reads the stream. While the day's budget is used up, it waits
// instead of returning, so that the rechecks continue.
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

// synchronized returns an emit that the reader and recheckLoop can call at the same time. It
// also records which posts are shown. If emit fails, both goroutines are stopped.
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

// log adds the name of the source, not the Source itself: a log handler could print its fields,
// such as the token.
func (x *Source) log() *slog.Logger {
	return cmp.Or(x.Log, slog.Default()).With("source", x.String())
}

// redact removes the token from a text that X has sent, because X may repeat the token.
func (x *Source) redact(text string) string { return stream.Redact(text, x.Token) }
