package web

import "nagare/templates"

// mostPins is how many pinned posts are on a page. The others are on walls only.
const mostPins = 3

// pin adds the pinned posts to the page of the newest of all posts, and returns them. Without moderators, a page
// has a place for them only if there are any, from the time when there were moderators. If they can't be looked up,
// the page is shown without that place, and is not to be cached.
func (p *pages) pin(page *templates.Page, found *selected) []entry {
	if page.Past || page.View.Kind != templates.Everything {
		return nil
	}
	ids := p.config.screen().Pins // read after the posts, so that no event after the page's position can be missed
	if len(ids) == 0 {
		page.Pinning = p.config.Moderation != nil
		return nil
	}
	posts, err := p.config.Timeline.postsOf(ids)
	if err == nil {
		posts = posts[:min(mostPins, len(posts))]
		page.Pins, err = pageCards(posts, page.Lang)
	}
	if err != nil {
		found.complete = false
		return nil
	}
	for i, card := range page.Pins {
		page.Pins[i] = templates.Pinned(card)
	}
	page.Pinning, page.Assets.Script = true, page.Assets.PinsScript
	return posts
}
