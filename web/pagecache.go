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

// get returns the page for a key as of tip, the end of the log. If the cache doesn't hold that
// page, get calls render, which also returns the end of the log at which it rendered. get doesn't
// cache a nil page.
func (c *pageCache) get(key pageKey, tip hub.Position, render func() (*document, hub.Position, error)) (*document, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if doc := c.pages[key]; doc != nil && tip == c.tip {
		return doc, nil
	}
	doc, tip, err := render()
	if err != nil || doc == nil {
		return nil, err
	}
	if c.pages == nil || tip != c.tip || len(c.pages) >= maxPages {
		c.tip, c.pages = tip, map[pageKey]*document{}
	}
	c.pages[key] = doc
	return doc, nil
}
