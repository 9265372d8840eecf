package main

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/reconcile"
	"nagare/web"
)

// mostSettled is how many of the newest cards of each kind are looked at. A crash comes with the newest.
const mostSettled = 100

// finish finishes what a crash of this process has interrupted.
func (d *desk) finish(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	if err := d.moderator.Finish(ctx); err != nil {
		return err
	}
	if err := d.unpinAll(ctx); err != nil {
		return err
	}
	if err := d.public.Loaded(ctx); err != nil {
		return err
	}
	if s := d.moderator.Settings(); !d.told(s) {
		return d.tellScreens(ctx, s)
	}
	return nil
}

// awaitFinish waits until that is finished: nobody gets a page that shows half of a decision, and no moderator
// decides on the strength of one. If it takes long, for example because the store is away, pages come first.
func (d *desk) awaitFinish(ctx context.Context) {
	select {
	case <-d.finished:
	case <-time.After(finishWait):
	case <-ctx.Done():
	}
}

// told reports whether the newest event about the screens says what the settings say. Pages that were open
// all the time know only that event.
func (d *desk) told(s moderation.Settings) bool {
	events, _ := d.public.Recent(math.MaxInt)
	for _, ev := range slices.Backward(events) {
		if ev.Name == screenEvent {
			var data screenData
			return json.Unmarshal(ev.Data, &data) == nil && data.State == s.Screen && slices.Equal(data.Pins, s.Pins)
		}
	}
	return s.Screen == moderation.Running && len(s.Pins) == 0
}

// settle finishes what a crash has interrupted. A card moves between the desk and the public by an event
// on each of the two channels: if only the first one was stored, both have a card of the post.
func (d *desk) settle(ctx context.Context) error {
	for _, held := range []stream.Held{stream.Hidden, stream.Pending} {
		q := store.Query{Terms: []string{web.HeldTerm(held)}, Limit: mostSettled}
		cards, _, err := d.store.Records(ctx, deskChannel, q)
		if err != nil {
			return err
		}
		public, err := d.publicCards(ctx, cards)
		if err != nil {
			return err
		}
		for _, card := range cards {
			if twin, has := public[reconcile.SavedName(card.Index.State)]; has {
				if err := d.settleCard(ctx, card, twin); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// publicCards returns the public cards of the same posts, by the names of the posts.
func (d *desk) publicCards(ctx context.Context, cards []store.Record) (public map[string]store.Record, err error) {
	names := make([]string, len(cards))
	for i, card := range cards {
		names[i] = reconcile.SavedName(card.Index.State)
	}
	if len(names) == 0 {
		return nil, nil
	}
	records, err := d.store.Find(ctx, channel, names...)
	public = map[string]store.Record{}
	for _, r := range records {
		if !r.Erased {
			public[reconcile.SavedName(r.Index.State)] = r
		}
	}
	delete(public, "") // of a store that keeps no states
	return public, err
}

// settleCard finishes the move of a post that has a card at the desk and a public one. A card that moved to
// the public kept its id, and one that moved to the desk got another.
func (d *desk) settleCard(ctx context.Context, card, public store.Record) error {
	d.log.Warn("an interrupted decision about a post is carried out", "id", public.Key)
	ids := reconcile.SavedIDs(card.Index.State)
	if card.Key != public.Key {
		if err := d.emitter.finishMove(ctx, public, card); err != nil || decisionOf(card).By == "" {
			return err
		}
		return d.timeline.Mark(ctx, ids, true)
	}
	if err := d.emitter.forget(ctx, public.Key); err != nil {
		return err
	}
	if err := d.timeline.Mark(ctx, ids, false); err != nil {
		return err
	}
	return d.timeline.Emit(ctx, stream.Op{Kind: stream.Destroy, At: time.Now(), ID: card.Key})
}
