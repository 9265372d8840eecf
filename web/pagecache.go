package web

import (
	"sync"

	"nagare/hub"
)

// maxPages is how many pages a cache holds.
const maxPages = 64

// pageCache holds the pages rendered since the last event of the log. Its zero value is empty.
type pageCache struct {
	mu    sync.Mutex   // held while a page is rendered, so that simultaneous requests share it
	tip   hub.Position // the end of the log for which all pages were rendered
	pages map[pageKey]*document
}

// pageKey identifies a page of a view: its appearance, and the position before which its posts
// end, which is empty for the newest.
type pageKey struct {
	preferences
	before string
}

// get returns the page as of the tip of the log. If the cache doesn't hold it, get calls render,
// which returns the tip it has rendered at. A nil page isn't kept.
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
