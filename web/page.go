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

// pages serves GET /. A page is made once for each place of the log, language and
// theme, however many ask for it.
type pages struct {
	channel *hub.Channel
	fail    errorPages
	blank   templates.Page // what is the same on all pages; read only

	mu   sync.Mutex
	tip  hub.Place // of all that is in made
	made map[look]*document
}

// document is a page ready to be sent.
type document struct{ plain, gzipped, tag []byte }

func newPages(c Config, fail errorPages) *pages {
	return &pages{
		channel: c.Timeline.channel,
		fail:    fail,
		blank: templates.Page{
			Site: c.Site, Sample: c.Sample, Channel: c.Timeline.name, Socket: "/websocket",
			Version: c.Version, Assets: fail.assets,
		},
		made: map[look]*document{},
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

// document finds the page that r asks for. It is nil if it has gone: the log began
// anew, or the link is broken.
func (p *pages) document(r *http.Request) (*document, error) {
	look := lookOf(r)
	older := r.URL.Query().Get("before")
	if older == "" {
		return p.newest(r.Context(), look)
	}
	place, err := hub.ParsePlace(older)
	if err != nil || place.Offset == 0 || place.Epoch != p.channel.Tip().Epoch {
		return nil, nil
	}
	events, _ := p.channel.Recent(everything)
	place.Offset-- // what is live goes on where these cards end
	return p.render(r.Context(), look, before(fold(events), place.Offset+1), place)
}

// newest is the page of the newest posts, made now or before.
func (p *pages) newest(ctx context.Context, look look) (*document, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.channel.Tip() == p.tip && p.made[look] != nil {
		return p.made[look], nil
	}
	events, tip := p.channel.Recent(everything)
	doc, err := p.render(ctx, look, fold(events), tip)
	if err != nil {
		return nil, err
	}
	if tip != p.tip {
		p.tip = tip
		clear(p.made)
	}
	p.made[look] = doc
	return doc, nil
}

// render makes the page of the newest of entries, which wears the given place.
func (p *pages) render(ctx context.Context, look look, entries []entry, place hub.Place) (*document, error) {
	page := p.blank
	page.Lang, page.Theme = look.lang, look.theme
	page.Epoch, page.Offset = place.Epoch, place.Offset
	if older := len(entries) - templates.Initial; older > 0 {
		entries = entries[older:]
		page.Older = "/?before=" + hub.Place{Epoch: place.Epoch, Offset: entries[0].offset}.String()
	}
	var err error
	if page.Cards, err = cards(entries); err != nil {
		return nil, err
	}
	for i, card := range page.Cards {
		page.Cards[i] = templates.Translate(look.lang, card)
	}
	var html bytes.Buffer
	if err := templates.Timeline(page).Render(ctx, &html); err != nil {
		return nil, err
	}
	return newDocument(html.Bytes()), nil
}

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
