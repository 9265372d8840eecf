package web

import (
	"net/http"

	"nagare/templates"
)

// View is a page at its own address. It shows the posts of one Timeline: the newest, those that
// arrive while the page is open, and the older ones, page by page. To show only some of the posts,
// put a filter before the Emit of the Timeline.
type View struct {
	Path     string // path of the page, such as "/" or "/by/mio"
	Title    string // title of the page; empty: the title of the page with all posts
	Timeline *Timeline
}

// viewHandler serves the pages of a View. As long as the log doesn't change, it renders each page
// only once for each language and appearance.
type viewHandler struct {
	// Set once.
	view  View
	blank templates.Page // what all pages of the view have in common

	// Each cache has its own lock, so that a client that requests many pages of older posts
	// doesn't delay requests for the newest.
	newest, older pageCache
}

func newViewHandler(c Config, v View, assets templates.Assets) *viewHandler {
	channel := v.Timeline.name
	return &viewHandler{
		view: v,
		blank: templates.Page{
			Site: c.Site, Title: v.Title, Sample: c.Sample, Version: c.Version, Assets: assets, Origin: c.Origins.first(),
			Marks: v.Timeline.publisher.networks.labels(),
			Home:  homePath, Path: v.Path, Manifest: manifestPath, OlderPrefix: v.olderPrefix(),
			Channel: channel, Socket: socketPath, Events: eventsPath(channel), Lines: linesPath(channel),
		},
	}
}

func (h *viewHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if savePreferences(w, r) {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, h.view.pathBefore(r.URL.Query().Get(beforeParam)), http.StatusSeeOther)
		return
	}
	doc, err := h.document(r)
	switch {
	case err != nil:
		panic(err) // a bug: the log holds an event that can't be decoded. The middleware recovered logs it
	case doc == nil:
		http.Redirect(w, r, h.view.Path, http.StatusSeeOther)
	default:
		doc.send(w, r)
	}
}

// document returns the page that r requests, from the cache or newly rendered. It returns nil if
// the requested position isn't in the log, for example because a restart has begun a new log.
func (h *viewHandler) document(r *http.Request) (*document, error) {
	key := pageKey{preferencesOf(r), r.URL.Query().Get(beforeParam), h.view.Timeline.sources.adopted()}
	cache := &h.newest
	if key.before != "" {
		cache = &h.older
	}
	channel := h.view.Timeline.channel
	return cache.get(key, channel.Tip(), func() (renderedPage, error) {
		events, tip := channel.Recent(everything)
		doc, partial, err := h.page(r.Context(), key, latest(events), tip)
		return renderedPage{doc, tip, partial}, err
	})
}
