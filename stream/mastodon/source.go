package mastodon

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"nagare/stream"
	"nagare/stream/internal/anomaly"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/netclock"
)

// Source is one timeline of one server. Only one call of Stream may run at a time.
type Source struct {
	// Set before the first use, and not changed afterwards.

	Server   string        // address: https://mastodon.example, or only mastodon.example
	Token    stream.Secret // of a user of the server; required since Mastodon 4.2
	Timeline string        // public, public:local, public:remote, "#go", list:ID or user; empty: public
	Unlisted bool          // also emit posts of the visibility "unlisted"
	Store    stream.Store  // saves the position; nil: a restart loses it
	Client   *http.Client  // nil: a client of its own; redirects to other hosts are refused in either case
	Log      *slog.Logger  // nil: slog.Default()

	// Owned by Stream.

	started bool      // whether the saved state was read
	home    *instance // the server of the last stream; nil: unknown, or that stream could not be opened

	index *statusIndex // set by Stream, then guarded by connection.mu

	// Safe for concurrent use.

	delivered delivery // the position up to which everything is acknowledged
	anomalies anomaly.Counter
	clock     netclock.Clock // of the server
	rate      fetch.RateLimit
}

// longestSilence is the time after which a silent connection counts as broken. A server
// sends a comment every 15 s.
const longestSilence = 45 * time.Second

// String is the host of the server and, unless it is the public one, the timeline.
func (s *Source) String() string {
	server, err := parseServer(s.Server)
	if err != nil {
		return "mastodon"
	}
	if s.Timeline == "" || s.Timeline == "public" {
		return server.Host
	}
	return server.Host + " " + s.Timeline
}

// Network is the value of [stream.Post].Source in its posts.
func (s *Source) Network() string { return "mastodon" }

// Quota is the rate limit of the token.
func (s *Source) Quota() stream.Quota { return s.rate.Quota() }

// Waits are the waits before a new connection.
func (s *Source) Waits() stream.Waits {
	patience := stream.Schedule{First: time.Second, Longest: 5 * time.Minute}
	return stream.Waits{Broken: patience, Refused: patience, Limited: stream.Schedule{First: 5 * time.Second, Longest: 5 * time.Minute}}
}

// Stream emits the posts of one connection. It opens the stream before it requests what was
// missed: otherwise posts between the two would be lost.
func (s *Source) Stream(ctx context.Context, emit func(stream.Op) error) error {
	api, err := s.api()
	if err != nil {
		return stream.Permanent(err)
	}
	defer api.close()
	s.start()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var conn *connection
	events, err := s.open(ctx, api, func() { conn.heard() }) // called by conn.read only
	if err != nil {
		return err
	}
	defer events.close()
	if err := emit(s.opened(api.checkAccess(ctx))); err != nil {
		return err
	}
	from, _ := s.delivered.get()
	conn = newConnection(s, api, emit, stop, from)
	conn.onDelivered = func(do func()) { stream.OnDelivered(ctx, do) }
	defer conn.save()
	var filler sync.WaitGroup
	defer filler.Wait()
	defer stop()
	filler.Go(func() { conn.backfill(ctx, api, from, s.clock.Now()) })
	return conn.read(events)
}

// opened is the state of a source whose stream is open. Closed says why no posts will come, or is
// nil.
func (s *Source) opened(closed error) stream.Op {
	if closed != nil {
		return stream.NewStatus(s, stream.Silent, closed, time.Time{})
	}
	return stream.NewLive(s)
}

// open opens the stream. It requests the address of the streams on the first call, and again
// after a failure.
func (s *Source) open(ctx context.Context, api *apiClient, heard func()) (eventStream, error) {
	if s.home != nil {
		api.instance = *s.home
	} else if err := api.discover(ctx); err != nil {
		return nil, err
	}
	s.home = nil
	events, err := api.open(ctx, heard)
	if err == nil {
		home := api.instance
		s.home = &home
	}
	return events, err
}

// Check opens the stream and closes it at once. It returns the error if the stream can't be
// opened, or would have no posts.
func (s *Source) Check(ctx context.Context) error {
	api, err := s.api()
	if err != nil {
		return err
	}
	defer api.close()
	if err := api.discover(ctx); err != nil {
		return err
	}
	events, err := api.open(ctx, func() {})
	if err != nil {
		return err
	}
	events.close()
	return api.checkAccess(ctx)
}

// start reads the saved state, on the first call only.
func (s *Source) start() {
	if s.started {
		return
	}
	s.started = true
	s.index = newStatusIndex(mostIndexed)
	if s.Store == nil {
		return
	}
	saved, _, err := s.Store.Get(s.storeKey("cursor"))
	if err == nil {
		err = s.delivered.restore(saved)
	}
	if err != nil {
		s.log().Warn("the position was not restored, only new posts are read", "err", err)
	}
	posts, _, err := s.Store.Get(s.storeKey("posts"))
	if err != nil {
		s.log().Warn("the index was not restored, deletes of earlier posts will have no effect", "err", err)
	}
	s.index.unmarshal(posts)
}

// storeKey is the name of a value in Store. Each timeline of each server has its own.
func (s *Source) storeKey(what string) string {
	hash := fnv.New64a()
	hash.Write([]byte(s.String()))
	return fmt.Sprintf("mastodon-%x.%s", hash.Sum64(), what)
}

func (s *Source) log() *slog.Logger {
	return cmp.Or(s.Log, slog.Default()).With("source", s.String())
}
