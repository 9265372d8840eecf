package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"nagare/hub"
	"nagare/stream/query"
	"nagare/templates"
)

// pages serves the pages of all views. As long as the log doesn't change, each page is rendered only
// once for each language and appearance.
type pages struct {
	// Set by newPages, never changed.
	config Config
	fail   errorPages
	days   days
	blank  templates.Page // what all pages have in common

	// Each cache has a lock of its own, so that a client that requests many other pages doesn't delay
	// the first page.
	newest, others pageCache
}

func newPages(c Config, fail errorPages) *pages {
	t := c.Timeline
	p := &pages{
		config: c, fail: fail, days: days{timeline: t}, others: pageCache{renders: newTurns(rendersAtOnce, renderPatience)},
		blank: templates.Page{
			Site: c.Site, Sample: c.Sample, Version: c.Version, Assets: fail.assets, Origin: c.Origins.first(),
			Marks: t.publisher.networks.labels(), Home: homePath, Manifest: manifestPath,
			Channel: t.name, Socket: socketPath, Events: eventsPath(t.name), Lines: linesPath(t.name), Log: logPath(t.name),
			Transport: cmp.Or(c.Transport, "websocket"),
		},
	}
	if c.Moderation != nil {
		p.blank.Assets.Script = fail.assets.PinsScript
	}
	return p
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, err := viewOf(r, p.config.Timeline.publisher.networks)
	if err != errView && savePreferences(w, r) {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, v.here(), http.StatusSeeOther)
		return
	}
	if err == nil && v.after != (hub.Position{}) {
		p.redirectToNewer(w, r, v)
		return
	}
	var doc *document
	if err == nil {
		doc, err = p.document(r.Context(), v, preferencesOf(r))
	}
	if err != nil {
		p.refuse(w, r, v, err)
		return
	}
	doc.send(w, r)
}

// redirectToNewer answers with the address of the page whose newest posts follow a position.
func (p *pages) redirectToNewer(w http.ResponseWriter, r *http.Request, v view) {
	done, ok := p.others.renders.take(r.Context())
	if !ok {
		p.refuse(w, r, v, errBusy)
		return
	}
	defer done()
	end, err := p.config.Timeline.endAfter(r.Context(), v.query, v.after, templates.Initial)
	if err != nil {
		p.refuse(w, r, v, err)
		return
	}
	v.before, v.after = end, hub.Position{}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, v.here(), http.StatusSeeOther)
}

// refuse answers a request for which there is no page.
func (p *pages) refuse(w http.ResponseWriter, r *http.Request, v view, err error) {
	switch {
	case errors.As(err, new(*query.Error)):
		p.fail.showFilter(w, r, v)
	case errors.Is(err, errView):
		p.fail.show(w, r, http.StatusNotFound)
	case errors.Is(err, errGone):
		p.fail.show(w, r, http.StatusGone)
	case errors.Is(err, errMoment):
		p.fail.showMoment(w, r, v)
	case errors.Is(err, errPosition): // a restart has begun a new log, or the moment is not yet
		http.Redirect(w, r, v.base(), http.StatusSeeOther)
	case errors.Is(err, errBusy), errors.Is(err, errAway):
		w.Header().Set("Retry-After", "2")
		p.fail.show(w, r, http.StatusServiceUnavailable)
	default:
		panic(err) // a bug: the log holds an event that can't be decoded. The middleware recovered logs it
	}
}

// document returns a page from a cache or newly rendered.
func (p *pages) document(ctx context.Context, v view, chosen preferences) (*document, error) {
	t := p.config.Timeline
	cache := &p.others
	if v.here() == homePath {
		cache = &p.newest
	}
	return cache.get(ctx, p.key(chosen, v.here()), t.channel.Tip, func(ctx context.Context) (renderedPage, error) {
		return p.render(ctx, v, chosen)
	})
}

func (p *pages) key(chosen preferences, address string) pageKey {
	return pageKey{chosen, address, p.config.Timeline.sources.adopted(), time.Now().Truncate(dayStep).Unix()}
}

// render renders the page of a view. The page's position is the tip of the log, because its cards
// include all edits and deletions up to there.
func (p *pages) render(ctx context.Context, v view, chosen preferences) (renderedPage, error) {
	t := p.config.Timeline
	s := selection{query: v.query, before: v.before, limit: templates.Initial}
	if !v.at.IsZero() {
		var err error
		if s.before, err = t.positionAt(ctx, v.at); err != nil {
			return renderedPage{}, err
		}
	}
	found, err := t.selectPosts(ctx, s)
	if err != nil {
		return renderedPage{}, err
	}
	page := p.page(v, chosen, found)
	page.Day = p.day(ctx, v, found.until(v))
	if page.Past {
		page.Newer = v.with(afterParam, found.newest(s).String())
	}
	pinned := p.pin(&page, &found)
	rendered, err := p.finish(ctx, page, found)
	if err == nil && slices.ContainsFunc(pinned, isUnlisted) {
		rendered.doc.unlisted = true
	}
	return rendered, err
}

// finish adds the cards and the sources to the data of a page, and renders it.
func (p *pages) finish(ctx context.Context, page templates.Page, found selected) (rendered renderedPage, err error) {
	t := p.config.Timeline
	if page.Cards, err = pageCards(found.posts, page.Lang); err != nil {
		return renderedPage{}, err
	}
	if page.Sources, err = renderSources(ctx, t.Sources(), t.publisher.networks, page.Lang); err != nil {
		return renderedPage{}, err
	}
	var html bytes.Buffer
	if err := templates.Timeline(page).Render(ctx, &html); err != nil {
		return renderedPage{}, err
	}
	doc := newDocument(html.Bytes())
	doc.unlisted = slices.ContainsFunc(found.posts, isUnlisted)
	return renderedPage{doc, found.tip, !found.complete}, nil
}

// isUnlisted reports whether search engines must not list a page with a post.
func isUnlisted(e entry) bool { return e.has(query.NoIndex) }

// page returns the data of a page, without its cards and sources.
func (p *pages) page(v view, chosen preferences, found selected) templates.Page {
	page := p.blank
	page.View = v.View
	page.Lang, page.Theme, page.Density = chosen.lang, chosen.theme, chosen.density
	page.Networks = p.config.Timeline.networks()
	page.Epoch, page.Offset = found.tip.Epoch, found.tip.Offset
	page.Path, page.Here, page.Canonical, page.OlderPrefix = v.base(), v.here(), v.canonicalHere(), v.with(beforeParam, "")
	page.Filter, page.Matching, page.Held = v.query.String(), found.matching, found.held
	page.Past, page.Until, page.Incomplete = v.here() != v.base(), v.at, !found.complete
	if (found.older != hub.Position{}) {
		page.Older = v.with(beforeParam, found.older.String())
	}
	page.Alternates = p.config.alternates(v.canonical(), v.query.String())
	return page
}

// eagerCards is how many cards are visible without scrolling on any screen. Their pictures aren't
// loaded lazily, because the browser starts to load a lazy picture only after layout.
const eagerCards = 2

// pageCards returns the cards of the posts for a page in language lang.
func pageCards(posts []entry, lang string) ([]string, error) {
	all, err := cards(posts)
	for i, card := range all {
		all[i] = templates.Translate(lang, card)
		if i < eagerCards {
			all[i] = templates.Eager(all[i])
		}
	}
	return all, err
}
