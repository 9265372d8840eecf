package web

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"nagare/hub"
	"nagare/stream"
)

// Timeline publishes posts, deletions and states of sources on one channel of a hub. Its methods
// are safe for concurrent use.
type Timeline struct {
	// Set once.
	name      string // of the channel
	channel   *hub.Channel
	history   History // holds all that is stored, and so more than the log of the channel
	publisher publisher
	searches  *turns // of the history
	log       *slog.Logger

	// Each has a lock of its own or is atomic.
	created atomic.Uint64 // number of posts created since the start
	sources sourceTable
	seen    networkSet
}

// NewTimeline makes a timeline on the channel with that name. The name is part of the paths of the
// channel's streams. The history is the store of the hub.
func NewTimeline(h *hub.Hub, name string, history History, all []stream.Network, log *slog.Logger) *Timeline {
	channel := h.Channel(name)
	return &Timeline{
		name: name, channel: channel, history: history, publisher: publisher{channel: channel, networks: all},
		searches: newTurns(searchesAtOnce, searchPatience), log: log,
	}
}

// Named makes the events of cards name the process that has published them. It returns t.
func (t *Timeline) Named(process string) *Timeline {
	t.publisher.process = process
	return t
}

// Posts returns how many posts have been created since the start.
func (t *Timeline) Posts() uint64 { return t.created.Load() }

// Kept returns how many posts there are in the log at present.
func (t *Timeline) Kept() int {
	events, _ := t.channel.Recent(everything)
	return len(latest(events))
}

// Sources returns the state of every source that has reported one.
func (t *Timeline) Sources() []SourceState { return t.sources.states() }

// Emit publishes an op from the reconciler. It logs and leaves out a post that can't be published,
// because the next one may be fine. It returns an error only after ctx has ended.
func (t *Timeline) Emit(ctx context.Context, op stream.Op) error {
	err := t.emit(ctx, op)
	if err != nil && ctx.Err() == nil {
		t.log.Warn("post left out", "id", short(op.ID), "err", err)
		return nil
	}
	return err
}

func (t *Timeline) emit(ctx context.Context, op stream.Op) error {
	switch {
	case op.Notice != nil:
		return t.emitNotice(ctx, op)
	case op.Kind == stream.Destroy:
		return t.emitDestroy(ctx, op)
	case op.Kind != stream.Create && op.Kind != stream.Update:
		return fmt.Errorf("web: unknown kind %q", short(string(op.Kind)))
	case op.Post == nil || op.ID == "" || op.ID != op.Post.ID || len(op.ID) > longestLine:
		return fmt.Errorf("web: %s without a post of that id", op.Kind)
	}
	return t.emitPost(ctx, op)
}

func (t *Timeline) emitPost(ctx context.Context, op stream.Op) error {
	t.seen.add(t.publisher.networks.of(op.Post.Source))
	p := t.publisher
	p.waits = op.Post.Source == postSource // the answer to the request has the position, which the store gives
	err := p.post(ctx, op)
	if err == nil && op.Kind == stream.Create {
		t.created.Add(1)
	}
	return err
}

func (t *Timeline) emitDestroy(ctx context.Context, op stream.Op) error {
	p := t.publisher
	p.waits = strings.HasPrefix(op.ID, postSource+":")
	return p.destroy(ctx, op)
}

// Flush waits until all that was published is stored. It returns an error only after ctx has ended.
func (t *Timeline) Flush(ctx context.Context) error {
	if err := t.channel.Flush(ctx); err != nil && ctx.Err() != nil {
		return err
	}
	return nil
}

// emitNotice logs the losses of a source, and publishes the source's state if pages list the source.
func (t *Timeline) emitNotice(ctx context.Context, op stream.Op) error {
	now, changed := t.sources.apply(op)
	switch {
	case op.Kind == stream.Gap:
		t.log.Warn("posts missed", "source", now.Name, "from", now.From, "to", now.To, "err", op.Notice.Reason)
	case op.Kind == stream.Lost && changed:
		t.log.Warn("posts left out", "source", now.Name, "total", now.Lost)
	}
	if !changed || !now.listed() {
		return nil
	}
	return t.publisher.source(ctx, now)
}
