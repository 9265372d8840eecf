package web

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"nagare/hub"
)

// maxPages is how many pages a cache holds.
const maxPages = 64

// pageCache holds the pages that were rendered since the newest event of the log. Simultaneous
// requests for one page share the rendering.
type pageCache struct {
	renders *turns // nil: any number of pages can be rendered at once

	rendering singleflight.Group

	mu sync.Mutex

	// Guarded by mu.
	tip   hub.Position // the end of the log at which all cached pages were rendered
	pages map[pageKey]*document
}

// pageKey identifies a page by its appearance and its address.
type pageKey struct {
	preferences
	address string
	sources int   // sourceTable.adoptions
	time    int64 // changes with each step of the drawing of the day
}

// renderedPage is a page that was just rendered.
type renderedPage struct {
	doc     *document
	tip     hub.Position // the end of the log at which it was rendered
	partial bool         // the history could not be read
}

// The bounds on the pages, other than those of the newest posts, that are rendered at once.
const (
	rendersAtOnce  = 8
	renderPatience = 5 * time.Second // for a turn
)

// errBusy is returned if too many other pages are being rendered.
var errBusy = errors.New("web: too many pages at once")

// get returns the page for a key as of tip, the end of the log. If the cache doesn't hold that
// page, get calls render, whose context doesn't end with the client's: others share the page. get caches
// no partial page: the history can be read again before the next event.
func (c *pageCache) get(ctx context.Context, key pageKey, tip func() hub.Position, render func(context.Context) (renderedPage, error)) (*document, error) {
	if doc := c.find(key, tip()); doc != nil {
		return doc, nil
	}
	if c.renders != nil { // before the rendering is shared: it doesn't wait for the other pages of one client
		leave, ok := c.renders.enter(ctx)
		if !ok {
			return nil, errBusy
		}
		defer leave()
	}
	now := tip()
	if doc := c.find(key, now); doc != nil {
		return doc, nil
	}
	shared, err, _ := c.rendering.Do(fmt.Sprint(key, now), func() (any, error) {
		return c.render(context.WithoutCancel(ctx), key, render)
	})
	doc, _ := shared.(*document)
	return doc, err
}

func (c *pageCache) render(ctx context.Context, key pageKey, render func(context.Context) (renderedPage, error)) (*document, error) {
	if c.renders != nil {
		done, ok := c.renders.start(ctx)
		if !ok {
			return nil, errBusy
		}
		defer done()
	}
	page, err := render(ctx)
	if err == nil && !page.partial {
		c.keep(key, page)
	}
	return page.doc, err
}

func (c *pageCache) find(key pageKey, tip hub.Position) *document {
	c.mu.Lock()
	defer c.mu.Unlock()
	if tip != c.tip {
		return nil
	}
	return c.pages[key]
}

// keep adds a page. It drops all pages that are older, or the page itself if that is older.
func (c *pageCache) keep(key pageKey, page renderedPage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if page.tip.Epoch == c.tip.Epoch && page.tip.Offset < c.tip.Offset {
		return
	}
	if c.pages == nil || page.tip != c.tip || len(c.pages) >= maxPages {
		c.tip, c.pages = page.tip, map[pageKey]*document{}
	}
	c.pages[key] = page.doc
}
