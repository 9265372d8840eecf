package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"nagare/hub"
	"nagare/static"
	"nagare/templates"
)

// pages serves GET /. While the log stays as it is, a page is made once for each
// language and theme, however many ask for it, and so are those of older posts, as
// far as there is room.
type pages struct {
	timeline *Timeline
	channel  *hub.Channel
	fail     errorPages
	blank    templates.Page // what is the same on all pages; read only

	newest, older shelf
}

// shelf is the pages that have been made since the log stood as it does. Those of
// older posts have one of their own: who asks for many of them keeps nobody waiting
// who asks for the newest.
type shelf struct {
	mu   sync.Mutex
	tip  hub.Position // of all that is in made
	made map[wish]*document
}

// wish is what a page may be asked for as: how it looks, and before which place
// its posts end; "" for the newest.
type wish struct {
	look
	before string
}

const mostMade = 64 // documents on a shelf

// document is a page ready to be sent.
type document struct{ plain, gzipped, tag []byte }

func newPages(c Config, fail errorPages) *pages {
	return &pages{
		timeline: c.Timeline,
		channel:  c.Timeline.channel,
		fail:     fail,
		blank: templates.Page{
			Site: c.Site, Sample: c.Sample, Channel: c.Timeline.name, Socket: "/websocket",
			Version: c.Version, Assets: fail.assets, Origin: c.Origins.first(),
		},
		newest: shelf{made: map[wish]*document{}},
		older:  shelf{made: map[wish]*document{}},
	}
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if chosen(w, r) {
		return
	}
	doc, err := p.document(r)
	switch {
	case err != nil:
		panic(err) // a card that can't be read again is a bug: told once, by recovered
	case doc == nil:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	default:
		doc.send(w, r)
	}
}

// document finds the page that r asks for, made now or before. It is nil if the
// place has gone, since the log began anew, or never was.
func (p *pages) document(r *http.Request) (*document, error) {
	wish := wish{lookOf(r), r.URL.Query().Get("before")}
	s := &p.newest
	if wish.before != "" {
		s = &p.older
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.channel.Tip() == s.tip && s.made[wish] != nil {
		return s.made[wish], nil
	}
	events, tip := p.channel.Recent(everything)
	doc, err := p.page(r.Context(), wish, fold(events), tip)
	if err != nil || doc == nil {
		return nil, err
	}
	if tip != s.tip || len(s.made) >= mostMade {
		s.tip = tip
		clear(s.made)
	}
	s.made[wish] = doc
	return doc, nil
}

// page is nil for a place that isn't in the log.
func (p *pages) page(ctx context.Context, wish wish, entries []entry, tip hub.Position) (*document, error) {
	if wish.before == "" {
		return p.render(ctx, wish, entries, tip)
	}
	place, err := hub.ParsePosition(wish.before)
	if err != nil || place.Epoch != tip.Epoch || place.Offset == 0 || place.Offset > tip.Offset+1 {
		return nil, nil
	}
	entries = before(entries, place.Offset)
	place.Offset-- // what is live goes on where these cards end
	return p.render(ctx, wish, entries, place)
}

// render makes the page of the newest of entries, which wears the given place.
func (p *pages) render(ctx context.Context, wish wish, entries []entry, place hub.Position) (*document, error) {
	page := p.blank
	page.Lang, page.Theme, page.Density, page.Before = wish.lang, wish.theme, wish.density, wish.before
	page.Networks = p.timeline.networks()
	page.Epoch, page.Offset = place.Epoch, place.Offset
	if older := len(entries) - templates.Initial; older > 0 {
		entries = entries[older:]
		page.Older = "/?before=" + hub.Position{Epoch: place.Epoch, Offset: entries[0].offset}.String()
	}
	var err error
	if page.Cards, err = cards(entries); err != nil {
		return nil, err
	}
	for i, card := range page.Cards {
		page.Cards[i] = templates.Translate(wish.lang, card)
		if i < firstSeen {
			page.Cards[i] = templates.Eager(page.Cards[i])
		}
	}
	ctx = context.WithoutCancel(ctx) // the page is everybody's; whoever asked first may have left
	if page.Sources, err = p.timeline.lines(ctx, wish.lang); err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := templates.Timeline(page).Render(ctx, &html); err != nil {
		return nil, err
	}
	return newDocument(html.Bytes()), nil
}

// firstSeen is how many cards are surely in the first window. Their pictures are not
// loaded lazily, which would have them wait for the layout.
const firstSeen = 2

func newDocument(html []byte) *document {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(html) // a Buffer takes everything
	w.Close()
	sum := sha256.Sum256(html)
	// Weak, since the same tag stands for the compressed form (RFC 9110, section 8.8.1).
	return &document{html, zipped.Bytes(), []byte(`W/"` + hex.EncodeToString(sum[:9]) + `"`)}
}

func (d *document) send(w http.ResponseWriter, r *http.Request) {
	header, body := w.Header(), d.plain
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-cache")
	header.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	header.Set("ETag", string(d.tag))
	if static.AcceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
		body = d.gzipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
