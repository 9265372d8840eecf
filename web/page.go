package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"sync"
	"time"

	"nagare/hub"
	"nagare/static"
	"nagare/templates"
)

// pages serves GET /. While the log doesn't change, a page is rendered once for each
// language and look, and so are pages of older posts, up to maxPages.
type pages struct {
	timeline *Timeline
	channel  *hub.Channel
	fail     errorPages
	blank    templates.Page // what is the same on all pages; read only

	newest, older pageCache
}

// pageCache holds the pages rendered since the last event of the log. Pages of older posts
// have a cache of their own, so that a client that requests many of them delays no request
// for the newest.
type pageCache struct {
	mu    sync.Mutex
	tip   hub.Position // of all pages
	pages map[pageKey]*document
}

// pageKey identifies a page: how it looks, and the position before which its posts end, which
// is empty for the newest.
type pageKey struct {
	look
	before string
}

const maxPages = 64 // in a cache

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
		newest: pageCache{pages: map[pageKey]*document{}},
		older:  pageCache{pages: map[pageKey]*document{}},
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

// document returns the page that r requests, from the cache or newly rendered. It is nil if
// the position isn't in the log, which may have begun anew.
func (p *pages) document(r *http.Request) (*document, error) {
	key := pageKey{lookOf(r), r.URL.Query().Get("before")}
	c := &p.newest
	if key.before != "" {
		c = &p.older
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.channel.Tip() == c.tip && c.pages[key] != nil {
		return c.pages[key], nil
	}
	events, tip := p.channel.Recent(everything)
	doc, err := p.page(r.Context(), key, fold(events), tip)
	if err != nil || doc == nil {
		return nil, err
	}
	if tip != c.tip || len(c.pages) >= maxPages {
		c.tip = tip
		clear(c.pages)
	}
	c.pages[key] = doc
	return doc, nil
}

// page returns nil for a position that isn't in the log.
func (p *pages) page(ctx context.Context, key pageKey, entries []entry, tip hub.Position) (*document, error) {
	if key.before != "" {
		end, err := hub.ParsePosition(key.before)
		if err != nil || end.Epoch != tip.Epoch || end.Offset == 0 || end.Offset > tip.Offset+1 {
			return nil, nil
		}
		entries = before(entries, end.Offset)
	}
	return p.render(ctx, key, entries, tip)
}

// render makes the page of the newest of entries. Its position is the tip of the log: the
// cards include all edits and deletions up to there, whichever posts they are of.
func (p *pages) render(ctx context.Context, key pageKey, entries []entry, tip hub.Position) (*document, error) {
	page := p.blank
	page.Lang, page.Theme, page.Density, page.Before = key.lang, key.theme, key.density, key.before
	page.Networks = p.timeline.networks()
	page.Epoch, page.Offset = tip.Epoch, tip.Offset
	if older := len(entries) - templates.Initial; older > 0 {
		entries = entries[older:]
		page.Older = "/?before=" + hub.Position{Epoch: tip.Epoch, Offset: entries[0].offset}.String()
	}
	var err error
	if page.Cards, err = cards(entries); err != nil {
		return nil, err
	}
	for i, card := range page.Cards {
		page.Cards[i] = templates.Translate(key.lang, card)
		if i < firstSeen {
			page.Cards[i] = templates.Eager(page.Cards[i])
		}
	}
	ctx = context.WithoutCancel(ctx) // the page is for all clients, and the first may have disconnected
	if page.Sources, err = p.timeline.lines(ctx, key.lang); err != nil {
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
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	header.Set("ETag", string(d.tag))
	// The server's clock, in ms, for the ages: the script can read no other header of its page.
	header.Set("Server-Timing", "now;dur="+strconv.FormatInt(time.Now().UnixMilli(), 10))
	if static.AcceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
		body = d.gzipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
