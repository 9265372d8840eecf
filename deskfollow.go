package main

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"nagare/hub"
)

// follow applies the events after a position, and returns the position of the newest.
func (d *desk) follow(ctx context.Context, seen hub.Position) hub.Position {
	if d.channel.Tip() == seen {
		return seen
	}
	events, tip := d.channel.Recent(fewEvents)
	if tip.Epoch != seen.Epoch || tip.Offset-seen.Offset > uint64(len(events)) {
		events, tip = d.channel.Recent(math.MaxInt)
	}
	for _, ev := range events {
		if tip.Epoch == seen.Epoch && ev.Position.Offset <= seen.Offset {
			continue
		}
		switch {
		case ev.Name == settingsEvent:
			d.adopt(ctx, ev.Data)
		case ev.Name == claimEvent:
			d.adoptClaim(ev.Data)
		case ev.Name == logoutEvent:
			d.syncSessions()
		case ev.Key != "" && d.isForeign(ev.Data):
			if err := d.emitter.forget(ctx, ev.Key); err != nil && ctx.Err() == nil {
				d.log.Warn("post not updated at the desk", "id", ev.Key, "err", err)
			}
		}
	}
	return tip
}

func (d *desk) adoptClaim(data json.RawMessage) {
	var c claim
	if err := json.Unmarshal(data, &c); err == nil {
		d.claims.add(c)
	}
}

// adopt applies the settings of another process, also to posts that were shown since that process has saved
// them. An action of this process may have adopted them already.
func (d *desk) adopt(ctx context.Context, data json.RawMessage) {
	var s settingsData
	if err := json.Unmarshal(data, &s); err != nil {
		d.log.Warn("settings of the moderators not readable", "err", err)
	} else if s.Process != d.process && s.Settings.Version > d.judged {
		d.moderator.Adopt(s.Settings)
		d.judged = s.Settings.Version
		if err := d.emitter.rejudge(ctx, max(0, time.Since(s.Settings.Saved))+rejudged); err != nil && ctx.Err() == nil {
			d.log.Warn("new rules not applied to the newest posts", "err", err)
		}
	}
}

// isForeign reports whether another process has published the event of a card.
func (d *desk) isForeign(data json.RawMessage) bool {
	var card struct{ Process string }
	return json.Unmarshal(data, &card) == nil && card.Process != d.process
}
