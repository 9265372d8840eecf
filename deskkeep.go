package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"nagare/store"
)

// keep carries out, until ctx ends, what has to wait for the turn of the moderator: it finishes actions that a
// crash has interrupted, also of other processes, and unpins posts that are not public any more. What fails is
// tried again.
func (d *desk) keep(ctx context.Context) {
	tick := time.NewTicker(overdueInterval)
	defer tick.Stop()
	for logged := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-d.gone:
		}
		err := errors.Join(d.unpinAll(ctx), d.moderator.Finish(ctx))
		if err != nil && ctx.Err() == nil && !logged {
			d.log.Warn("an action of a moderator is not finished, trying again", "err", err, "in", overdueInterval)
		}
		logged = err != nil
	}
}

// noteGone notes that a post is not public any more, for whatever reason.
func (d *desk) noteGone(id string) {
	if !d.moderator.Settings().IsOnTop(id) {
		return
	}
	select {
	case d.gone <- struct{}{}:
	default: // there is one
	}
}

// unpinAll unpins posts that are not public any more.
func (d *desk) unpinAll(ctx context.Context) error {
	settings := d.moderator.Settings()
	if len(settings.Pins)+len(settings.Announced) == 0 {
		return nil
	}
	if err := d.public.Flush(ctx); err != nil { // the store has what noteGone was told of
		return err
	}
	for _, id := range slices.Concat(settings.Pins, settings.Announced) {
		records, err := d.store.Find(ctx, channel, id)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(records, func(r store.Record) bool { return r.Key == id && !r.Erased }) {
			if err := d.moderator.Unpin(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}
