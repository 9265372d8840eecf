package main

import (
	"context"
	"encoding/json"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream/moderation"
)

// Act implements [web.Moderation]. An action whose request ends meanwhile is not left half done.
func (d *desk) Act(ctx context.Context, a moderation.Action) (moderation.Entry, error) {
	ctx, cancel := lasting(ctx, flushWait)
	defer cancel()
	return d.moderator.Act(ctx, a)
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
