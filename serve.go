package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"golang.org/x/sync/errgroup"

	"nagare/hub"
	"nagare/store"
	"nagare/store/sqlite"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/networks"
	"nagare/stream/recording"
	"nagare/web"
)

// limitSettings maps each limit of the hub to the flag and variable that set it, for messages.
func limitSettings() map[string]string {
	return map[string]string{
		"Connections": "--max-connections, MAX_CONNECTIONS",
		"PerClient":   "--max-per-client, MAX_PER_CLIENT",
	}
}

// serve runs the site until ctx ends.
func serve(ctx context.Context, c config, stdout io.Writer) error {
	memlimit.Set(memlimit.WithRatio(0.85)) // 85 % of the container's limit, unless GOMEMLIMIT is set
	listeners, err := listenAll(c)
	if err != nil {
		return err
	}
	screen := newScreen(stdout, c)
	log := newLog(screen, c)
	st, err := openStore(ctx, c, log)
	if errors.Is(err, context.Canceled) { // the program was told to stop while it waited
		return listeners.close()
	}
	if err != nil {
		return errors.Join(err, listeners.close())
	}
	recorder, err := newRecorder(c, log)
	if err != nil {
		return errors.Join(err, st.Close(), listeners.close())
	}
	home := address(c, listeners.site)
	fmt.Fprintln(stdout, home)
	if len(c.admins) > 0 {
		fmt.Fprintln(stdout, home+"/wall")
		fmt.Fprintln(stdout, home+"/admin")
	}
	c.store.warn(log)
	if file, is := st.(*sqlite.Store); is {
		file.LogOpened(log)
	}

	p := newProgram(c, log, st, recorder)
	group, ctx := errgroup.WithContext(ctx)
	drained := make(chan struct{}) // closed when all visitors have left
	group.Go(func() error {
		defer close(drained)
		return p.hub.Run(ctx)
	})
	if p.desk != nil {
		group.Go(func() error {
			if p.desk.awaitLoad(ctx, c.givenMode()); p.desk.isLoaded() {
				p.desk.run(ctx, c.store.shared())
			}
			return nil
		})
	}
	p.startReading(ctx, group)
	group.Go(func() error {
		logHealth(ctx, st, log)
		return nil
	})
	p.awaitPosts(ctx)
	p.startServing(ctx, group, listeners, drained)
	group.Go(func() error { return screen.run(ctx, statusSources{c.sources.name(), p.timeline, p.hub, home}, log) })
	return errors.Join(group.Wait(), p.close())
}

// awaitPosts waits until pages can show what is stored.
func (p *program) awaitPosts(ctx context.Context) {
	if err := p.posts.Loaded(ctx); err != nil && ctx.Err() == nil {
		p.log.Warn("serving without the stored posts", "err", err)
	}
	if p.desk != nil {
		p.desk.awaitFinish(ctx)
	}
}

// program holds the parts of a running site. All fields are set by newProgram.
type program struct {
	config   config
	log      *slog.Logger
	store    store.Store
	hub      *hub.Hub
	posts    *hub.Channel // carries the posts
	timeline *web.Timeline
	recorder *recording.Recorder // nil if nothing is recorded
	requests *web.RequestLog     // nil if requests are not logged
	lookups  *stream.Lookups
	sessions *web.Sessions                          // of moderators
	desk     *desk                                  // nil: there are no moderators, and never were any
	emit     func(context.Context, stream.Op) error // receives the ops of all sources and of POST /streaming
	reads    *atomic.Bool                           // this process reads the sources
}

func newProgram(c config, log *slog.Logger, st store.Store, recorder *recording.Recorder) *program {
	sessions := web.NewSessions(c.admins)
	options := hub.Options{
		Log: log, CheckOrigin: c.origins().Reported(log), Limits: c.limits, Settings: limitSettings(), Tick: c.tick, Store: st,
		Drain: c.drain(), Filter: web.Filter,
	}
	if len(c.admins) > 0 {
		options.MayFollow = func(r *http.Request, _ string) bool { return sessions.Permits(r) } // of the channel of the desk
	}
	h := hub.New(options)
	timeline := web.NewTimeline(h, channel, st, networks.All, log)
	p := &program{
		config: c, log: log, store: st, hub: h, posts: h.Channel(channel), timeline: timeline, recorder: recorder,
		requests: newRequestLog(c, log), lookups: new(stream.Lookups), reads: new(atomic.Bool),
		sessions: sessions,
	}
	_, shared := st.(leaser)
	stale := func() bool { return shared && !p.reads.Load() }
	if len(c.admins) == 0 && !hasDesk(st, log) {
		e := reconciled(timeline, c.store.durable(), recorder)
		e.stale, p.emit = stale, e.pass
		return p
	}
	p.desk = newDesk(st, h, p.posts, moderation.Settings{Mode: c.moderation}, log)
	if c.store.shared() {
		p.desk.moderator.Named(p.desk.process)
	}
	p.desk.emitter = moderated(timeline, p.desk.timeline, p.desk.moderator.Judge, c.store.durable(), recorder)
	p.desk.emitter.gone = p.desk.noteGone
	p.desk.emitter.stale = stale
	p.desk.sessions = sessions
	sessions.KeepIn(st, p.desk.tellLogout)
	p.emit = p.desk.pass
	return p
}

// startReading starts to read the sources, or to follow the process that reads them.
func (p *program) startReading(ctx context.Context, group *errgroup.Group) {
	if p.config.store.shared() {
		group.Go(func() error {
			share(ctx, p.store, p.timeline, p.reads, p.log)
			return nil
		})
	}
	group.Go(func() error {
		return collect(ctx, p.config, p.hub, p.posts, p.store, p.reads, func(ctx context.Context) error {
			emit := func(op stream.Op) error {
				if err := p.awaitStore(ctx); err != nil {
					return err
				}
				return p.emit(ctx, op)
			}
			flushing, cancel := lasting(ctx, flushWait)
			defer cancel()
			sources := p.config.sources.build(texts{p.store, p.posts, flushing}, p.log, p.lookups)
			p.timeline.ReadQuotasOf(sources)
			err := runSources(ctx, sources, p.config.sources.recorded(), p.log, emit)
			if ctx.Err() != nil { // another process may read them now
				p.timeline.ReadQuotasOf(nil)
			}
			return err
		})
	})
}

// degraded returns why no post can be published at present, or nil.
func (p *program) degraded() error {
	if p.desk != nil && !p.desk.isLoaded() {
		return &store.Fault{Kind: store.Away, Err: errNotLoaded}
	}
	return p.store.Health()
}

// awaitStore waits until a shared store is within reach, and until the settings of the moderators are loaded.
// The reconciler looks up in the store what it has forgotten: without an answer, it would drop the deletion
// of a post. Meanwhile ops wait in the
// queues of the sources, which drop no deletion.
func (p *program) awaitStore(ctx context.Context) error {
	for p.config.store.shared() && p.store.Health() != nil || p.desk != nil && !p.desk.isLoaded() {
		if err := stream.Sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// startServing starts to answer HTTP requests: those for the site while visitors may come,
// those for the metrics until ctx ends.
func (p *program) startServing(ctx context.Context, group *errgroup.Group, l listeners, drained <-chan struct{}) {
	c, site := p.config, p.site(ctx)
	group.Go(func() error { return serveHTTP(newServer(site, p.log), l.site, c.stopAccepting(ctx, drained)) })
	if p.requests != nil {
		group.Go(func() error { return p.requests.Run(ctx) })
	}
	if l.metrics != nil {
		metrics := newServer(web.Metrics(p.hub, p.timeline, p.lookups,
			web.Gauge{Name: "reads_sources", Help: "Whether this process reads the sources.", Is: p.reads.Load},
			web.Gauge{Name: "store_degraded", Help: "Whether the store can't take posts at present.", Is: func() bool { return p.store.Health() != nil }},
		), p.log)
		group.Go(func() error { return serveHTTP(metrics, l.metrics, ctx.Done()) })
	}
}

// site returns the handler of the site. It is ready until ctx ends.
func (p *program) site(ctx context.Context) http.Handler {
	c := p.config
	conf := web.Config{
		Hub: p.hub, Timeline: p.timeline, Emit: func(op stream.Op) error { return p.emit(ctx, op) }, Origins: c.origins(), Reachable: c.isReachable(), Log: p.log,
		Requests: p.requests, Site: c.site, Sample: c.sources.sample(), Tokens: c.tokens, Proxies: c.proxies, Version: buildVersion(), Transport: c.transport,
		OpenData: c.open, Index: c.index, Brand: c.brand, EmbedOrigins: c.embeds,
		Ready: func() error { return stopping(ctx) }, Degraded: p.degraded,
	}
	if p.desk != nil {
		conf.Moderation, conf.Desk, conf.Sessions, conf.Screen = p.desk, p.desk.timeline, p.sessions, p.desk.Screen
		conf.Durable = c.store.durable()
	}
	return web.New(conf)
}

// close closes what collect has not closed.
func (p *program) close() (err error) {
	if p.config.store.shared() {
		err = p.store.Close()
	}
	if p.recorder != nil {
		err = errors.Join(err, p.recorder.Close())
	}
	return err
}

// newRecorder opens the file to record into. It returns nil if no file is configured.
func newRecorder(c config, log *slog.Logger) (*recording.Recorder, error) {
	if c.record == "" {
		return nil, nil
	}
	recorder, err := recording.Open(c.record, log)
	if err != nil {
		return nil, errors.New(redactedText(err.Error(), c.record))
	}
	return recorder, nil
}

// newRequestLog returns nil if requests are not to be logged.
func newRequestLog(c config, log *slog.Logger) *web.RequestLog {
	if !c.logRequests {
		return nil
	}
	return web.NewRequestLog(log)
}

func stopping(ctx context.Context) error {
	if ctx.Err() != nil {
		return errors.New("stopping")
	}
	return nil
}
