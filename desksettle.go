package main

import (
	"context"
	"slices"
	"time"

	"nagare/store"
	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/web"
)

// mostSettled is how many of the newest cards of each kind are looked at. A crash comes with the newest.
const mostSettled = 100

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
			if id, has := public[reconcile.SavedName(card.Index.State)]; has {
				if err := d.settleCard(ctx, card, id); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// publicCards returns the ids of the public cards of the same posts, by the names of the posts.
func (d *desk) publicCards(ctx context.Context, cards []store.Record) (ids map[string]string, err error) {
	names := make([]string, len(cards))
	for i, card := range cards {
		names[i] = reconcile.SavedName(card.Index.State)
	}
	if len(names) == 0 {
		return nil, nil
	}
	records, err := d.store.Find(ctx, channel, names...)
	ids = map[string]string{}
	for _, r := range records {
		if !r.Erased {
			ids[reconcile.SavedName(r.Index.State)] = r.Key
		}
	}
	delete(ids, "") // of a store that keeps no states
	return ids, err
}

// settleCard finishes the move of a post that has a card at the desk and a public one. A card that was
// shown keeps its id, and one that was hidden got another. The move to the desk is made again as
// a whole, by a card of yet another id, unless another process is about to finish it.
func (d *desk) settleCard(ctx context.Context, card store.Record, public string) error {
	d.log.Warn("an interrupted decision about a post is carried out", "id", public)
	if err := d.emitter.forget(ctx, public); err != nil {
		return err
	}
	if card.Key != public {
		hide := stream.Op{Kind: stream.Hide, At: time.Now(), ID: public, Decision: decisionOf(card)}
		if moved, err := d.moveAgain(ctx, hide, card); !moved || err != nil {
			return err
		}
	}
	return d.timeline.Emit(ctx, stream.Op{Kind: stream.Destroy, At: time.Now(), ID: card.Key})
}

// moveAgain passes a Hide, and reports whether that made a card in place of the one at the desk.
func (d *desk) moveAgain(ctx context.Context, hide stream.Op, card store.Record) (bool, error) {
	if err := d.emitter.pass(ctx, hide); err != nil {
		return false, err
	}
	if err := d.timeline.Flush(ctx); err != nil {
		return false, err
	}
	name := reconcile.SavedName(card.Index.State)
	records, err := d.store.Find(ctx, deskChannel, name)
	return slices.ContainsFunc(records, func(r store.Record) bool {
		return !r.Erased && r.Key != card.Key && reconcile.SavedName(r.Index.State) == name
	}), err
}
