package web

import (
	"bytes"
	"context"

	"nagare/hub"
	"nagare/templates"
)

// eagerCards is how many cards are certainly visible without scrolling. Their pictures aren't
// loaded lazily, because a lazy picture waits for the layout.
const eagerCards = 2

// page renders the page of a key from the entries of the log, oldest first. It returns nil if
// the position isn't in the log.
func (h *viewHandler) page(ctx context.Context, key pageKey, entries []entry, tip hub.Position) (*document, error) {
	if key.before != "" {
		end, err := hub.ParsePosition(key.before)
		if err != nil || end.Epoch != tip.Epoch || end.Offset == 0 || end.Offset > tip.Offset+1 {
			return nil, nil
		}
		entries = before(entries, end.Offset)
	}
	return h.render(ctx, key, entries, tip)
}

// render renders the page of the newest entries. Its position is the tip of the log: the cards
// include all edits and deletions up to there, whichever posts they are of.
func (h *viewHandler) render(ctx context.Context, key pageKey, entries []entry, tip hub.Position) (*document, error) {
	page := h.blank
	page.Lang, page.Theme, page.Density, page.Before = key.lang, key.theme, key.density, key.before
	page.Networks = h.view.Timeline.networks()
	page.Epoch, page.Offset = tip.Epoch, tip.Offset
	if older := len(entries) - templates.Initial; older > 0 {
		entries = entries[older:]
		page.Older = h.view.olderPath(hub.Position{Epoch: tip.Epoch, Offset: entries[0].offset}.String())
	}
	ctx = context.WithoutCancel(ctx) // the page is for all clients, and the first may have disconnected
	var err error
	if page.Cards, err = pageCards(entries, key.lang); err != nil {
		return nil, err
	}
	if page.Sources, err = renderSources(ctx, h.view.Timeline.Sources(), h.view.Timeline.publisher.networks, key.lang); err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := templates.Timeline(page).Render(ctx, &html); err != nil {
		return nil, err
	}
	return newDocument(html.Bytes()), nil
}

// pageCards returns the cards of the entries as a page in lang shows them, newest first.
func pageCards(entries []entry, lang string) ([]string, error) {
	all, err := cards(entries)
	for i, card := range all {
		all[i] = templates.Translate(lang, card)
		if i < eagerCards {
			all[i] = templates.Eager(all[i])
		}
	}
	return all, err
}
