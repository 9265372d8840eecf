package main

import (
	"context"
	"encoding/json"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream/moderation"
)

// appliedWait is the longest time from the end of an action until the pages of this process show its effect.
const appliedWait = time.Second

// Act implements [web.Moderation]. An action whose request ends meanwhile is not left half done. Act returns
// once the pages of this process show the effect.
func (d *desk) Act(ctx context.Context, a moderation.Action) (moderation.Entry, error) {
	if !d.isLoaded() {
		return moderation.Entry{}, errNotLoaded
	}
	ctx, cancel := lasting(ctx, flushWait)
	defer cancel()
	e, err := d.moderator.Act(ctx, a)
	if err == nil {
		d.awaitEffect(ctx)
	}
	return e, err
}

// awaitEffect waits until the log has what was published.
func (d *desk) awaitEffect(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, appliedWait)
	defer cancel()
	if err := d.public.Settle(ctx); err != nil {
		d.log.Warn("a decision is on the way to the pages", "err", err)
	}
}

// Settings implements [web.Moderation].
func (d *desk) Settings() moderation.Settings { return d.moderator.Settings() }

// Screen returns what public screens show at present: "", "freeze" or "blank", and the ids of the pins.
func (d *desk) Screen() (state string, pins []string) {
	s := d.moderator.Settings()
	return string(s.Screen), s.Pins
}

// Audit implements [web.Moderation].
func (d *desk) Audit(ctx context.Context, before hub.Position, n int) ([]moderation.Entry, hub.Position, error) {
	records, older, err := d.store.Records(ctx, deskChannel, store.Query{Terms: []string{auditEvent}, Before: before, Limit: n})
	if err != nil {
		return nil, hub.Position{}, err
	}
	entries := make([]moderation.Entry, len(records))
	for i, r := range records {
		if err := json.Unmarshal(r.Data, &entries[i]); err != nil {
			return nil, hub.Position{}, err
		}
	}
	return entries, older, nil
}

// Claim implements [web.Moderation]. A claim that another process has made less than deskInterval ago is
// unknown here: then both moderators are told that they hold the post, and shortly after, all desks
// are told of the first one.
func (d *desk) Claim(ctx context.Context, id, by string) (holder string, err error) {
	next := claim{id, by, time.Now().UTC()}
	if held := d.claims.add(next); held != next {
		return held.By, nil
	}
	_, err = d.channel.Trigger(ctx, claimEvent, next)
	return by, err
}
