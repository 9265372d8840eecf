package web

import (
	"bytes"
	"context"

	"nagare/hub"
	"nagare/templates"
)

// eagerCards is how many cards are visible without scrolling on any screen. Their pictures aren't
// loaded lazily, because the browser starts to load a lazy picture only after layout.
const eagerCards = 2

// page renders the page for a key. The entries are all that the log holds, oldest first. If
// they are too few, older ones come from the history. page returns nil if the log has never had
// the position in the key. The page is partial if the history could not be read.
func (h *viewHandler) page(ctx context.Context, key pageKey, entries []entry, tip hub.Position) (doc *document, partial bool, err error) {
	end := hub.Position{Epoch: tip.Epoch, Offset: tip.Offset + 1}
	if key.before != "" {
		if end, err = hub.ParsePosition(key.before); err != nil || end.Epoch != tip.Epoch || end.Offset == 0 || end.Offset > tip.Offset+1 {
			return nil, false, nil
		}
		entries = before(entries, end.Offset)
	}
	if missing := templates.Initial + 1 - len(entries); missing > 0 { // one more shows whether there are older ones
		if len(entries) > 0 {
			end.Offset = entries[0].offset
		}
		older, read := h.view.Timeline.older(end, missing)
		entries, partial = append(older, entries...), !read
	}
	doc, err = h.render(ctx, key, entries, tip)
	return doc, partial, err
}

// render renders a page of the newest of the entries. The page's position is tip, because the
// cards include all edits and deletions up to tip.
func (h *viewHandler) render(ctx context.Context, key pageKey, entries []entry, tip hub.Position) (*document, error) {
	page := h.blank
	page.Lang, page.Theme, page.Density, page.Before = key.lang, key.theme, key.density, key.before
	page.Networks = h.view.Timeline.networks()
	page.Epoch, page.Offset = tip.Epoch, tip.Offset
	if older := len(entries) - templates.Initial; older > 0 {
		entries = entries[older:]
		page.Older = h.view.olderPath(hub.Position{Epoch: tip.Epoch, Offset: entries[0].offset}.String())
	}
	ctx = context.WithoutCancel(ctx) // the page is cached for all clients: this one may disconnect
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

// pageCards returns the cards of the entries for a page in language lang, newest first.
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
