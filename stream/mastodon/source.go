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
)

// Mastodon is a stream of a Mastodon server, or of one that speaks like it, such as
// Akkoma, Pleroma and GoToSocial.
//
// The stream can't be resumed. After a break, and after a restart if Saved has a
// directory, what was missed is looked up in the timeline that the stream is of, as
// far as that is reasonable; of the rest a Gap tells. What comes by the stream
// meanwhile doesn't wait for that, and may come twice. Then the posts met last are
// looked up, since edits and deletes were missed too.
//
// Posts that aren't for everybody are never emitted, whichever timeline has them.
//
// A Mastodon is one feed: it must not be streamed twice at a time.
type Source struct {
	Server   string        // its address: https://mastodon.example, or just mastodon.example
	Token    stream.Secret // of a user there; since Mastodon 4.2 every stream wants one
	Timeline string        // public, public:local, public:remote, "#go", list:ID or user; empty: public
	Unlisted bool          // also posts that their authors don't want in public timelines
	Store    *stream.Store // remembers the last posts over a restart; nil: they aren't
	Client   *http.Client  // nil: an ordinary one; it isn't let follow a redirect to another host
	Log      *slog.Logger  // nil: slog.Default()

	started   bool
	home      *instance // where the last stream was
	index     *statusIndex
	delivered delivery // up to there everything was told, or announced as missing
	anomalies anomaly.Counter
}

// mastoSilence is how long a server may say nothing: a living one says so every 15 s.
const longestSilence = 45 * time.Second

// String names the feed.
func (m *Source) String() string {
	server, err := parseServer(m.Server)
	if err != nil {
		return "mastodon"
	}
	if m.Timeline == "" || m.Timeline == "public" {
		return server.Host
	}
	return server.Host + " " + m.Timeline
}

// Network is the Source of its posts.
func (m *Source) Network() string { return "mastodon" }

func (m *Source) Waits() stream.Waits {
	patience := stream.Schedule{First: time.Second, Longest: 5 * time.Minute}
	return stream.Waits{Broken: patience, Refused: patience, Limited: stream.Schedule{First: 5 * time.Second, Longest: 5 * time.Minute}}
}

// Stream connects first and looks up what was missed then, so that nothing is lost
// between the two.
func (m *Source) Stream(ctx context.Context, emit func(stream.Op) error) error {
	api, err := m.api()
	if err != nil {
		return stream.Permanent(err)
	}
	defer api.close()
	m.start()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	res, err := m.open(ctx, api)
	if err != nil {
		return err
	}
	body := fetch.Watch(res.Body, longestSilence)
	defer body.Close()
	if err := emit(stream.NewLive(m)); err != nil {
		return err
	}
	from, _ := m.delivered.get()
	f := newConnection(m, api.domain, emit, stop, from)
	f.onDelivered = func(do func()) { stream.OnDelivered(ctx, do) }
	defer f.save()
	var filler sync.WaitGroup
	defer filler.Wait()
	defer stop()
	filler.Go(func() { f.backfill(ctx, api, from, serverTime(res)) })
	return f.read(body)
}

// open begins the stream. Where it is, is asked for again only after a failure.
func (m *Source) open(ctx context.Context, api *apiClient) (*http.Response, error) {
	if m.home != nil {
		api.instance = *m.home
	} else if err := api.discover(ctx); err != nil {
		return nil, err
	}
	m.home = nil
	res, err := api.open(ctx)
	if err == nil {
		m.home = &api.instance
	}
	return res, err
}

// Check reports what keeps the stream from being opened, if anything does.
func (m *Source) Check(ctx context.Context) error {
	api, err := m.api()
	if err != nil {
		return err
	}
	defer api.close()
	if err := api.discover(ctx); err != nil {
		return err
	}
	res, err := api.open(ctx)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// start reads what was saved, once.
func (m *Source) start() {
	if m.started {
		return
	}
	m.started = true
	m.index = newStatusIndex(mostIndexed)
	if m.Store == nil {
		return
	}
	saved, err := m.Store.Get(m.savedAs("cursor"))
	if err == nil {
		m.delivered.cursor, err = parseCursor(saved)
	}
	if err != nil {
		m.log().Warn("no place to go on from, starting with what is new", "err", err)
	}
	posts, err := m.Store.Get(m.savedAs("posts"))
	if err != nil {
		m.log().Warn("deletes of posts that came before can't be recognised", "err", err)
	}
	m.index.unmarshal(posts)
}

// savedAs names what is saved. Each timeline of each server has its own.
func (m *Source) savedAs(what string) string {
	hash := fnv.New64a()
	hash.Write([]byte(m.String()))
	return fmt.Sprintf("mastodon-%x.%s", hash.Sum64(), what)
}

func (m *Source) log() *slog.Logger {
	return cmp.Or(m.Log, slog.Default()).With("source", m.String())
}
