package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"golang.org/x/sync/errgroup"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/reconcile"
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
	st, err := openStore(c, log)
	if err != nil {
		return errors.Join(err, listeners.close())
	}
	home := address(c, listeners.site)
	fmt.Fprintln(stdout, home)
	c.store.warn(log)
	return serveSite(ctx, c, listeners, st, screen, home, log)
}

// serveSite runs the parts of the site until ctx ends, and closes them. The store is st.
func serveSite(ctx context.Context, c config, listeners listeners, st store.Store, screen *screen, home string, log *slog.Logger) error {
	h := hub.New(hub.Options{
		Log: log, CheckOrigin: c.origins().Reported(log), Limits: c.limits, Settings: limitSettings(), Tick: c.tick, Store: st,
		Drain: c.drain(),
	})
	timeline := web.NewTimeline(h, channel, networks.All, log)
	timeline.History, timeline.Durable = st, c.store.durable()
	recorder, err := newRecorder(c, log)
	if err != nil {
		return errors.Join(err, st.Close(), listeners.close())
	}
	group, ctx := errgroup.WithContext(ctx)
	emit := reconciled(timeline, recorder)
	requests, lookups := newRequestLog(c, log), new(stream.Lookups)
	site := web.New(web.Config{
		Hub: h, Timeline: timeline, Emit: func(op stream.Op) error { return emit(ctx, op) }, Origins: c.origins(), Log: log, Requests: requests, Site: c.site,
		Sample: c.sources.sample(), Tokens: c.tokens, Proxies: c.proxies, Version: buildVersion(),
		Ready: func() error { return stopping(ctx) }, Degraded: st.Health,
	})

	drained := make(chan struct{})
	var reads atomic.Bool
	if c.store.shared() {
		group.Go(func() error {
			share(ctx, st, timeline, &reads, log)
			return nil
		})
	}
	group.Go(func() error {
		defer close(drained)
		return h.Run(ctx)
	})
	group.Go(func() error {
		return collect(ctx, c, h, st, &reads, func(ctx context.Context) error {
			return runSources(ctx, c.sources, texts{st, h.Channel(channel)}, lookups, log, func(op stream.Op) error { return emit(ctx, op) })
		})
	})
	if err := h.Channel(channel).Loaded(ctx); err != nil && ctx.Err() == nil {
		log.Warn("serving without the stored posts", "err", err)
	}
	group.Go(func() error { return serveHTTP(newServer(site, log), listeners.site, c.stopAccepting(ctx, drained)) })
	group.Go(func() error { return screen.run(ctx, statusSources{c.sources.name(), timeline, h, home}, log) })
	if requests != nil {
		group.Go(func() error { return requests.Run(ctx) })
	}
	if listeners.metrics != nil {
		metrics := newServer(web.Metrics(h, timeline, lookups), log)
		group.Go(func() error { return serveHTTP(metrics, listeners.metrics, ctx.Done()) })
	}
	err = group.Wait()
	if c.store.shared() {
		err = errors.Join(err, st.Close())
	}
	if recorder != nil {
		err = errors.Join(err, recorder.Close())
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

// reconciled returns the function to which all sources and POST /streaming pass their ops. The ops
// go through the only reconciler of the process to the timeline and, if a recorder is given, to
// the recorder.
func reconciled(timeline *web.Timeline, recorder *recording.Recorder) func(context.Context, stream.Op) error {
	d := &door{timeline: timeline, recorder: recorder}
	reconciler := reconcile.New(d.show, timeline)
	d.emit = reconciler.Emit
	if recorder != nil {
		d.emit = erasing(recorder, reconciler.Emit)
	}
	return d.pass
}

// door passes one op at a time through the reconciler, so that the resulting ops have the context of
// that op. The context says under which lease, if any, the op was read.
type door struct {
	// Set by reconciled, never changed.
	timeline *web.Timeline
	recorder *recording.Recorder // nil if nothing is recorded
	emit     func(stream.Op) error

	mu  sync.Mutex      // held while an op passes
	ctx context.Context // of the op that passes
}

func (d *door) pass(ctx context.Context, op stream.Op) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ctx = ctx
	return d.emit(op)
}

// show receives the ops of the reconciler.
func (d *door) show(op stream.Op) error {
	if d.recorder != nil {
		d.recorder.Record(op)
	}
	return d.timeline.Emit(d.ctx, op)
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
