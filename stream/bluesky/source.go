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
)

// Bluesky is the stream of all public posts of the Bluesky network, as its Jetstream
// servers tell it to anybody. The zero value works.
//
// After a break, and after a restart if Saved has a directory, it goes on from the
// last event it had processed, so that posts come at least once.
//
// An author is known by his DID; his name is looked up, many at once. Some ask not to
// be shown to who isn't logged in, and that too is only known when they have been
// looked up. See Hold for what this means for a post.
//
// A Bluesky is one feed: it must not be streamed twice at a time.
type Source struct {
	Hosts    []string       // servers, tried in turn: names, or addresses with ws:// or wss://; empty: those of Bluesky
	DIDs     []string       // only what these authors write, 10,000 at most; empty: everybody
	Sample   float64        // share of the new posts that is let through, above 0 and up to 1; 0: all
	Filter   *stream.Filter // what is let through of those; nil: everything. Nobody else is looked up, as would be with [Filtered]
	Profiles string         // where authors are looked up; empty: https://public.api.bsky.app
	Store    *stream.Store  // remembers the cursor over a restart; nil: it isn't
	Client   *http.Client   // for look-ups; its transport also says how servers are reached; nil: an ordinary one
	Log      *slog.Logger   // nil: slog.Default()

	// Hold is how long a post waits, at most, for its author to be looked up if he has
	// not been seen lately. He then comes with his name, and one who doesn't want to
	// be shown here isn't. While authors can't be looked up nothing waits: a post goes
	// out under its author's DID, and his name, or AuthorGone, follows. 0: 1.5 s;
	// negative: nothing ever waits.
	Hold time.Duration

	started     bool
	turn        int                    // whose turn it is among the hosts
	refused     int                    // how many of them in a row have refused us for good
	delivered   atomic.Pointer[cursor] // what was processed and handed on; set by whoever takes what we emit
	savedCursor cursor                 // which of it is saved
	people      *profileLookup
	anomalies   anomaly.Counter
	own         *http.Client // where there is no Client
}

const (
	mostDIDs    = 10_000
	defaultHold = 1500 * time.Millisecond
	profilesAPI = "https://public.api.bsky.app"
)

// bskyHosts alternate between the coasts, so that the next one is likely to live.
var publicHosts = []string{
	"jetstream2.us-east.bsky.network", "jetstream2.us-west.bsky.network",
	"jetstream1.us-east.bsky.network", "jetstream1.us-west.bsky.network",
	"jetstream.us-east.bsky.network", "jetstream.us-west.bsky.network",
}

// String names the feed.
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

// Network is the Source of its posts.
func (b *Source) Network() string { return "bluesky" }

func (b *Source) Waits() stream.Waits {
	patience := stream.Schedule{First: 250 * time.Millisecond, Longest: 30 * time.Second}
	return stream.Waits{Broken: patience, Refused: patience, Limited: stream.Schedule{First: 5 * time.Second, Longest: 5 * time.Minute}}
}

// Stream follows one server until it breaks; the next call goes to the next one.
func (b *Source) Stream(ctx context.Context, emit func(stream.Op) error) error {
	if err := b.start(); err != nil {
		return stream.Permanent(err)
	}
	host := b.hosts()[b.turn%len(b.hosts())]
	err := b.follow(ctx, host, b.Filter.Wrap(emit))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	b.turn++
	return b.judge(fmt.Errorf("%s: %w", host, err))
}

// judge lets the other hosts speak before a refusal is final.
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

// Check reports what keeps the feed from being opened, if anything does: no host
// answers as a Jetstream does.
func (b *Source) Check(ctx context.Context) error {
	if err := b.valid(); err != nil {
		return err
	}
	var all []error
	for _, host := range b.hosts() {
		conn, err := b.dial(ctx, host, 0)
		if err == nil {
			conn.Close()
			return nil
		}
		all = append(all, fmt.Errorf("%s: %w", host, err))
		if ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("no Bluesky server can be reached: %w", all[0])
}

func (b *Source) valid() error {
	if len(b.DIDs) > mostDIDs {
		return fmt.Errorf("bluesky: %d authors are too many, %d is the most", len(b.DIDs), mostDIDs)
	}
	if i := slices.IndexFunc(b.DIDs, func(did string) bool { return !IsDID(did) }); i >= 0 {
		return fmt.Errorf("bluesky: %q is no DID; an author's looks like did:plc:ewvi7nxzyoun6zhxrhs64oiz", b.DIDs[i])
	}
	for i, host := range b.Hosts {
		if _, err := serverURL(host); err != nil {
			return fmt.Errorf("bluesky: number %d of the hosts: %w", i+1, err)
		}
	}
	if !(b.Sample >= 0 && b.Sample <= 1) {
		return fmt.Errorf("bluesky: a sample of %v is no share; it is above 0 and at most 1", b.Sample)
	}
	return nil
}

// start reads what was saved, once.
func (b *Source) start() error {
	if err := b.valid(); err != nil || b.started {
		return err
	}
	b.started = true
	b.people = newProfileLookup()
	if b.Store == nil {
		return nil
	}
	saved, err := b.Store.Get(b.savedAs())
	if err == nil {
		b.savedCursor, err = parseCursor(saved, time.Now())
	}
	b.setCursor(b.savedCursor)
	if err != nil {
		b.log().Warn("no place to go on from, starting with what is new", "err", err)
	}
	return nil
}

// savedAs names the cursor. Each choice of authors has its own.
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

// sampled reports whether a post belongs to the sample. It says the same of the same
// post whenever and wherever it is asked.
func (b *Source) sampled(id string) bool {
	if b.Sample <= 0 || b.Sample >= 1 {
		return true
	}
	hash := fnv.New64a()
	hash.Write([]byte(id))
	return float64(mixed(hash.Sum64())>>11)/(1<<53) < b.Sample
}

// mixed spreads every bit over all others, which FNV does not do for the last
// letters: ids that follow each other differ only there.
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

// narrow reports whether so little is asked for that silence says nothing.
func (b *Source) narrow() bool { return len(b.DIDs) > 0 }
