// Package bluesky reads the public posts of Bluesky from its Jetstream servers, over a
// WebSocket. It owns the connection, the cursor from which a connection resumes, the lookup
// of authors and quoted posts, and the conversion of records to posts.
//
// It promises:
//
//   - posts arrive at least once, also over a restart: TestBluesky_ResumesFromItsCursorAfterARestart,
//     TestBluesky_EmitsPostsThatWereQueuedAtAStopAgain
//   - posts that were missed are reported as a gap:
//     TestBluesky_ReportsAGapIfTheServerBeginsTooLate
//   - authors who exclude visitors are not shown: TestBluesky_AuthorsWhoExcludeVisitorsAreNotShown
//   - labels apply to the account or the profile that they are about, and to nothing else:
//     TestBluesky_ALabelAppliesOnlyToItsTarget
//   - posts of authors whose lookup is refused are left out, and counted:
//     TestBluesky_LeavesOutPostsOfAuthorsWhoseLookUpIsRefused
//   - posts are shown without names if the service for lookups is slow or broken:
//     TestBluesky_ShowsPostsIfProfilesCannotBeLookedUp
//   - a quote shows the quoted post only if the network says that it may be shown there:
//     TestBluesky_AQuoteThatMustNotBeShownSaysSo
//   - no post waits for the post that it quotes: TestBluesky_AQuoteStaysALinkWhileTheAPIDoesNotAnswer
//   - a wrong clock of ours hides no gap: TestBluesky_AWrongClockHidesNoGapAndMarksNoPostAsLate
//   - an invalid message never ends the stream: TestBluesky_AnInvalidMessageNeverEndsAStream
//   - a message takes no more memory than the limit: TestBluesky_AMessageOverTheLimitTakesNoMoreThanTheLimit
package bluesky

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"nagare/stream"
	"nagare/stream/internal/anomaly"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/netclock"
)

// Source is the stream of all public posts of Bluesky, from its public Jetstream servers. The
// zero value works.
//
// After a break, and after a restart if Store survives it, it resumes from the last
// processed event, so that posts arrive at least once.
//
// Events name an author by DID only. The source looks up the name, for many authors at once.
// Some authors exclude readers who aren't logged in; that, too, is known only after the
// lookup. Hold decides how long a post waits for it.
//
// Stream must not be called while an earlier call is running.
type Source struct {
	// Set before use.
	Hosts    []string        // servers, tried in turn: names, or addresses with ws:// or wss://; empty: the public ones
	DIDs     []string        // only posts by these authors, 10,000 at most; empty: everybody
	Sample   float64         // share of the posts, above 0 and up to 1; 0: all
	Filter   *stream.Filter  // nil: all posts. Authors of other posts are not looked up, unlike with [stream.Filtered]
	Profiles string          // the API for lookups; empty: https://public.api.bsky.app
	Store    stream.Store    // saves the cursor; nil: a restart loses it
	Counts   *stream.Lookups // counts the requests for lookups; nil: they are not counted
	Client   *http.Client    // for lookups; its transport also connects to the servers; nil: a client of its own
	Log      *slog.Logger    // nil: slog.Default()

	// Hold is how long a post waits, at most, for the lookup of an author who has not been
	// seen recently. The post then arrives with the author's name, or not at all if the author
	// excludes visitors. While lookups fail, no post waits: a post is emitted under the author's
	// DID, and an AuthorUpdate or AuthorGone follows. While lookups are refused, a post waits
	// ten seconds longer and is then left out. 0: 1.5 s; negative: posts wait only while
	// lookups are refused.
	Hold time.Duration

	// Owned by Stream.
	started     bool
	nextHost    int    // index of the next host
	refused     int    // number of hosts in a row that refused permanently
	savedCursor cursor // the cursor in Store
	lookups     *profileLookup
	quotes      *quoteLookup
	dropped     uint64 // posts that were left out since the last report

	client    *http.Client           // for lookups; set by start
	delivered atomic.Pointer[cursor] // position up to which all events are delivered; set by the consumer's goroutine
	anomalies anomaly.Counter
	clock     netclock.Clock  // of the network
	rate      fetch.RateLimit // of the API for lookups
}

const (
	mostDIDs    = 10_000
	defaultHold = 1500 * time.Millisecond
	profilesAPI = "https://public.api.bsky.app"
)

// publicHosts alternates between two regions: if one region fails, the next host is likely to
// work.
var publicHosts = []string{
	"jetstream2.us-east.bsky.network", "jetstream2.us-west.bsky.network",
	"jetstream1.us-east.bsky.network", "jetstream1.us-west.bsky.network",
	"jetstream.us-east.bsky.network", "jetstream.us-west.bsky.network",
}

// String names the source.
func (b *Source) String() string {
	switch {
	case len(b.DIDs) == 1:
		return "bluesky 1 author"
	case len(b.DIDs) > 1:
		return fmt.Sprintf("bluesky %d authors", len(b.DIDs))
	case b.Sample > 0 && b.Sample < 1:
		return "bluesky " + strconv.FormatFloat(100*b.Sample, 'g', 3, 64) + "%"
	}
	return "bluesky"
}

// Network is the value of [stream.Post].Source in its posts.
func (b *Source) Network() string { return "bluesky" }

// Quota is the rate limit of the API for lookups.
func (b *Source) Quota() stream.Quota { return b.rate.Quota() }

// Waits are short: Bluesky documents no rules for reconnecting.
func (b *Source) Waits() stream.Waits {
	patience := stream.Schedule{First: 250 * time.Millisecond, Longest: 30 * time.Second}
	return stream.Waits{Broken: patience, Refused: patience, Limited: stream.Schedule{First: 5 * time.Second, Longest: 5 * time.Minute}}
}

// Stream follows one server until the connection breaks; the next call uses the next server.
func (b *Source) Stream(ctx context.Context, emit func(stream.Op) error) error {
	if err := b.start(); err != nil {
		return stream.Permanent(err)
	}
	host := b.hosts()[b.nextHost%len(b.hosts())]
	err := b.follow(ctx, host, b.Filter.Wrap(emit))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	b.nextHost++
	return b.judge(fmt.Errorf("%s: %w", host, err))
}

// judge turns a permanent refusal into a temporary error, unless all hosts have refused in a
// row.
func (b *Source) judge(err error) error {
	var status *stream.StatusError
	if !stream.IsPermanent(err) || !errors.As(err, &status) {
		b.refused = 0
		return err
	}
	if b.refused++; b.refused >= len(b.hosts()) {
		return err
	}
	return fmt.Errorf("refused, trying the next host: %w", status)
}

// start validates the settings. On the first call it also makes the client and reads the saved
// cursor.
func (b *Source) start() error {
	if err := b.valid(); err != nil || b.started {
		return err
	}
	b.started = true
	if b.client = b.Client; b.client == nil {
		b.client = fetch.NewClient()
	}
	b.lookups, b.quotes = newProfileLookup(), newQuoteLookup()
	if b.Store == nil {
		return nil
	}
	saved, _, err := b.Store.Get(b.savedAs())
	if err == nil {
		b.savedCursor, err = parseCursor(saved, time.Now())
	}
	b.setCursor(b.savedCursor)
	if err != nil {
		b.log().Warn("the position was not restored, only new posts are read", "err", err)
	}
	return nil
}

// savedAs is the name of the cursor in Store. Each set of authors has its own cursor.
func (b *Source) savedAs() string {
	if len(b.DIDs) == 0 {
		return "bluesky.cursor"
	}
	hash := fnv.New64a()
	for _, did := range slices.Sorted(slices.Values(b.DIDs)) {
		fmt.Fprintln(hash, did)
	}
	return fmt.Sprintf("bluesky-%x.cursor", hash.Sum64())
}

// sampled reports whether a post belongs to the sample. The same id always has the same result.
func (b *Source) sampled(id string) bool {
	if b.Sample <= 0 || b.Sample >= 1 {
		return true
	}
	hash := fnv.New64a()
	hash.Write([]byte(id))
	return float64(mixed(hash.Sum64())>>11)/(1<<53) < b.Sample
}

// mixed makes every bit of the hash depend on all others. FNV spreads the last letters of a
// text too little, and consecutive ids differ only in these.
func mixed(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

func (b *Source) hosts() []string {
	if len(b.Hosts) == 0 {
		return publicHosts
	}
	return b.Hosts
}

func (b *Source) log() *slog.Logger {
	return cmp.Or(b.Log, slog.Default()).With("source", b.String())
}

func (b *Source) hold() time.Duration { return cmp.Or(b.Hold, defaultHold) }

// narrow reports whether only the posts of a few authors are wanted, so that long silence is
// normal.
func (b *Source) narrow() bool { return len(b.DIDs) > 0 }
