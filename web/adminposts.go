package web

import (
	"context"
	"net/http"
	"slices"

	"nagare/hub"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/templates"
)

const (
	adminWaiting = 200 // most posts of the list of those that wait, as in static/desk.js
	adminPosts   = 50  // most posts of each of the other lists
	adminEntries = 100 // entries of the audit on a page
)

// posts makes the page with the three lists.
func (a *admin) posts(r *http.Request, p *templates.Admin) (component, error) {
	ctx, settings := r.Context(), a.moderation.Settings()
	lists := templates.AdminLists{Hiding: settings.Mode != moderation.Off, Held: adminPosition(a.desk.channel.Tip())}
	var older hub.Position
	var err error
	if lists.Waiting, older, err = a.held(ctx, stream.Pending, adminWaiting, p.Lang); err != nil {
		return nil, err
	}
	slices.Reverse(lists.Waiting)
	lists.More = older != hub.Position{}
	if lists.Hidden, _, err = a.held(ctx, stream.Hidden, adminPosts, p.Lang); err != nil {
		return nil, err
	}
	found, err := a.timeline.selectPosts(ctx, selection{limit: adminPosts})
	if err != nil {
		return nil, err
	}
	cards, err := cards(found.posts)
	for i, e := range found.posts[:len(cards)] {
		lists.Shown = append(lists.Shown, templates.AdminPost{
			ID: e.key, HTML: templates.Translate(p.Lang, cards[i]), Pinned: slices.Contains(settings.Pins, e.key),
		})
	}
	lists.Public = adminPosition(found.tip)
	return templates.AdminDesk(*p, lists), err
}

// held returns the newest posts that are held for a reason, newest first.
func (a *admin) held(ctx context.Context, why stream.Held, n int, lang string) ([]templates.AdminPost, hub.Position, error) {
	held, older, err := a.desk.Held(ctx, why, hub.Position{}, n)
	var posts []templates.AdminPost
	for _, h := range held {
		posts = append(posts, templates.AdminPost{
			ID: h.ID, HTML: templates.Translate(lang, h.HTML), Why: h.Decision.Why, By: h.Decision.By, At: h.Decision.At,
		})
	}
	return posts, older, err
}

func adminPosition(p hub.Position) templates.AdminPosition {
	return templates.AdminPosition{Epoch: p.Epoch, Offset: p.Offset}
}
