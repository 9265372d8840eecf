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
	longestSilence = 30 * time.Second // X sends at least an empty line every 20 seconds
	defaultRecheck = 15 * time.Minute // between two rounds of looking whether posts are still there
	longestStay    = 24 * time.Hour   // how long a post of X may be shown without asking again
)

// X is the filtered stream of the X API v2: the posts that match any of the
// app's rules. X bills each post that it sends, so that there has to be a budget.
//
// The stream never tells of a deleted post. That is why X looks posts up again,
// and takes each away a day after it came.
type Source struct {
	Token   stream.Secret // the app's bearer token (OAuth 2.0, app-only)
	Rules   []string      // what to look for, in X's language of rules; empty: what the app has been told otherwise
	Budget  int           // posts that may be read in a day (UTC)
	Country string        // ISO 3166 code of where posts are shown; what is withheld there is not
	Recheck time.Duration // between two looks at the posts shown, for up to a fifth of the budget; 0: 15 minutes; negative: never
	Base    string        // default: https://api.x.com
	Store   *stream.Store // keeps count of the budget over a restart; nil: the count begins anew
	Client  *http.Client  // nil: one of its own
	Log     *slog.Logger  // nil: slog.Default()

	spent   budget
	showing shownPosts

	isOurs    func([]rule) bool // set by each Stream: whether a post is one that we asked for
	anomalies anomaly.Counter
	heard     time.Time // owned by Stream's reader: when the last line came
	why       string    // owned by Stream's reader: why none has come since
	round     time.Time // owned by mind: when it last looked
}

var errNoBudget = errors.New("no budget: say how many posts may be read in a day, each is billed")

// String is the source's name.
func (x *Source) String() string { return "x" }

// Network is the Source of its posts.
func (x *Source) Network() string { return "x" }

// waits are those that X asks for.
func (x *Source) Waits() stream.Waits {
	return stream.Waits{
		AtOnce:  true,
		Broken:  stream.Schedule{First: 250 * time.Millisecond, Longest: 16 * time.Second, Linear: true},
		Refused: stream.Schedule{First: 5 * time.Second, Longest: 320 * time.Second},
		Limited: stream.Schedule{First: time.Minute, Longest: 16 * time.Minute},
	}
}

// Stream tells X the rules and then reads. While the day's budget is used up, it
// waits by itself, because posts have to be taken away in the meantime too.
func (x *Source) Stream(ctx context.Context, emit func(stream.Op) error) error {
	if x.Budget <= 0 {
		return stream.Permanent(errNoBudget)
	}
	ctx, stop := context.WithCancel(ctx)
	api := x.api()
	defer api.close()
	var minder sync.WaitGroup
	defer minder.Wait()
	defer stop()
	tell := x.serialise(emit, stop)
	minder.Go(func() { x.recheckLoop(ctx, api, tell) })
	return x.follow(ctx, api, tell)
}

// teller makes emit safe for the reader and the minder, and keeps note of what is
// shown. What emit refuses is the end for both.
func (x *Source) serialise(emit func(stream.Op) error, stop func()) func(stream.Op) error {
	var mu sync.Mutex
	return func(op stream.Op) error {
		mu.Lock()
		defer mu.Unlock()
		x.showing.note(op)
		err := emit(op)
		if err != nil {
			stop()
		}
		return err
	}
}

// log names the source by its name: a handler that prints what it holds would print
// all of x.
func (x *Source) log() *slog.Logger {
	return cmp.Or(x.Log, slog.Default()).With("source", x.String())
}

// hide takes the token out of what X says, should it repeat it.
func (x *Source) hide(text string) string { return stream.Redact(text, x.Token) }
