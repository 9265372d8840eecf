package web

import (
	"sync"

	"nagare/hub"
)

// maxPages is how many pages a cache holds.
const maxPages = 64

// pageCache holds the pages that were rendered since the newest event of the log. The zero value
// is an empty cache.
type pageCache struct {
	mu    sync.Mutex   // held while a page is rendered, so that simultaneous requests share the result
	tip   hub.Position // the end of the log at which all cached pages were rendered
	pages map[pageKey]*document
}

// pageKey identifies a page of a view by its appearance and by the position before which its posts
// end. The position is empty for the page of the newest posts.
type pageKey struct {
	preferences
	before  string
	sources int // sourceTable.adoptions
}

// renderedPage is a page that was just rendered.
type renderedPage struct {
	doc     *document    // nil: there is no such page
	tip     hub.Position // the end of the log at which it was rendered
	partial bool         // the history could not be read
}

// get returns the page for a key as of tip, the end of the log. If the cache doesn't hold that
// page, get calls render. get caches neither a nil page nor a partial one: the history can be read
// again before the next event.
func (c *pageCache) get(key pageKey, tip hub.Position, render func() (renderedPage, error)) (*document, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if doc := c.pages[key]; doc != nil && tip == c.tip {
		return doc, nil
	}
	page, err := render()
	if err != nil || page.doc == nil || page.partial {
		return page.doc, err
	}
	if c.pages == nil || page.tip != c.tip || len(c.pages) >= maxPages {
		c.tip, c.pages = page.tip, map[pageKey]*document{}
	}
	c.pages[key] = page.doc
	return page.doc, nil
}
