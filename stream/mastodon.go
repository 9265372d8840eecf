package stream

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/http"
	"sync"
	"time"
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
type Mastodon struct {
	Server   string       // its address: https://mastodon.example, or just mastodon.example
	Token    Secret       // of a user there; since Mastodon 4.2 every stream wants one
	Timeline string       // public, public:local, public:remote, "#go", list:ID or user; empty: public
	Unlisted bool         // also posts that their authors don't want in public timelines
	Saved    *Saved       // remembers the last posts over a restart; nil: they aren't
	Client   *http.Client // nil: an ordinary one; it isn't let follow a redirect to another host
	Log      *slog.Logger // nil: slog.Default()

	started bool
	home    *mastoHome // where the last stream was
	index   *mastoIndex
	handed  mastoHanded    // up to there everything was told, or announced as missing
	odd     map[string]int // what was not understood, or not shown, by what it was
}

// mastoSilence is how long a server may say nothing: a living one says so every 15 s.
const mastoSilence = 45 * time.Second

// String names the feed.
func (m *Mastodon) String() string {
	server, err := mastoServer(m.Server)
	if err != nil {
		return "mastodon"
	}
	if m.Timeline == "" || m.Timeline == "public" {
		return server.Host
	}
	return server.Host + " " + m.Timeline
}

// Network is the Source of its posts.
func (m *Mastodon) Network() string { return "mastodon" }

func (m *Mastodon) waits() waits {
	patience := schedule{first: time.Second, longest: 5 * time.Minute}
	return waits{broken: patience, refused: patience, limited: schedule{first: 5 * time.Second, longest: 5 * time.Minute}}
}

// Stream connects first and looks up what was missed then, so that nothing is lost
// between the two.
func (m *Mastodon) Stream(ctx context.Context, emit func(Op) error) error {
	api, err := m.api()
	if err != nil {
		return Permanent(err)
	}
	defer api.close()
	m.start()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	res, err := m.open(ctx, api)
	if err != nil {
		return err
	}
	body := watch(res.Body, mastoSilence)
	defer body.Close()
	if err := emit(live(m)); err != nil {
		return err
	}
	from, _ := m.handed.get()
	f := newMastoFeed(m, api.domain, emit, stop, from)
	f.whenHanded = func(do func()) { whenHanded(ctx, do) }
	defer f.save()
	var filler sync.WaitGroup
	defer filler.Wait()
	defer stop()
	filler.Go(func() { f.fill(ctx, api, from, serverTime(res)) })
	return f.read(body)
}

// open begins the stream. Where it is, is asked for again only after a failure.
func (m *Mastodon) open(ctx context.Context, api *mastoAPI) (*http.Response, error) {
	if m.home != nil {
		api.mastoHome = *m.home
	} else if err := api.discover(ctx); err != nil {
		return nil, err
	}
	m.home = nil
	res, err := api.open(ctx)
	if err == nil {
		m.home = &api.mastoHome
	}
	return res, err
}

// Check reports what keeps the stream from being opened, if anything does.
func (m *Mastodon) Check(ctx context.Context) error {
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
func (m *Mastodon) start() {
	if m.started {
		return
	}
	m.started = true
	m.index = newMastoIndex(knownLocals)
	m.odd = map[string]int{}
	if m.Saved == nil {
		return
	}
	saved, err := m.Saved.Get(m.savedAs("cursor"))
	if err == nil {
		m.handed.cursor, err = parseMastoCursor(saved)
	}
	if err != nil {
		m.log().Warn("no place to go on from, starting with what is new", "err", err)
	}
	posts, err := m.Saved.Get(m.savedAs("posts"))
	if err != nil {
		m.log().Warn("deletes of posts that came before can't be recognised", "err", err)
	}
	m.index.read(posts)
}

// savedAs names what is saved. Each timeline of each server has its own.
func (m *Mastodon) savedAs(what string) string {
	hash := fnv.New64a()
	hash.Write([]byte(m.String()))
	return fmt.Sprintf("mastodon-%x.%s", hash.Sum64(), what)
}

func (m *Mastodon) log() *slog.Logger {
	return cmp.Or(m.Log, slog.Default()).With("source", m.String())
}
