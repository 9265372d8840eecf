package web

import (
	"context"
	"net/http"
	"slices"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

const (
	adminWaiting = 200 // most posts of the list of those that wait, as in static/desk.js
	waitingReads = 20  // so many times adminWaiting posts that wait are looked at, and counted
	adminPosts   = 50  // most posts of each of the other lists
	adminEntries = 100 // entries of the audit on a page
)

// posts makes the page with the three lists.
func (a *admin) posts(r *http.Request, p *templates.Admin) (component, error) {
	ctx, settings := r.Context(), a.moderation.Settings()
	lists := templates.AdminLists{Newest: r.URL.Query().Get("order") == "newest", Held: adminPosition(a.desk.channel.Tip())}
	if err := a.waiting(ctx, &lists, p.Lang); err != nil {
		return nil, err
	}
	hidden, _, err := a.desk.Held(ctx, stream.Hidden, hub.Position{}, adminPosts)
	if err != nil {
		return nil, err
	}
	lists.Hidden = heldCards(hidden, p.Lang)
	if lists.Down, err = renderSources(ctx, a.timeline.Sources(), a.timeline.publisher.networks, p.Lang); err != nil {
		return nil, err
	}
	found, err := a.timeline.selectPosts(ctx, selection{limit: adminPosts})
	if err != nil {
		return nil, err
	}
	lists.Public = adminPosition(found.tip)
	lists.Shown, err = a.shown(found.posts, settings.Pins, p.Lang)
	return templates.AdminDesk(*p, lists), err
}

// shown returns the list of the public posts. Those that stay on top are first, also if they are old.
func (a *admin) shown(newest []entry, pins []string, lang string) (posts []templates.AdminPost, err error) {
	for _, id := range pins {
		post, err := a.publicPost(id, lang)
		if err != nil {
			return nil, err
		}
		post.Pinned = true
		if post.HTML != "" {
			posts = append(posts, post)
		}
	}
	newest = slices.DeleteFunc(slices.Clone(newest), func(e entry) bool { return slices.Contains(pins, e.key) })
	html, err := cards(newest)
	for i := range html {
		posts = append(posts, templates.AdminPost{ID: newest[i].key, HTML: templates.Translate(lang, html[i])})
	}
	return posts, err
}

// waiting adds the posts that wait, and counts them.
func (a *admin) waiting(ctx context.Context, l *templates.AdminLists, lang string) error {
	var all []HeldPost
	var older hub.Position
	for range waitingReads {
		held, next, err := a.desk.Held(ctx, stream.Pending, older, adminWaiting)
		if err != nil {
			return err
		}
		all, older = append(all, held...), next
		if older == (hub.Position{}) {
			break
		}
	}
	l.Queued, l.Uncounted = len(all), older != hub.Position{}
	if !l.Newest {
		slices.Reverse(all)
	}
	l.Waiting = heldCards(all[:min(len(all), adminWaiting)], lang)
	return nil
}

func heldCards(held []HeldPost, lang string) (posts []templates.AdminPost) {
	for _, h := range held {
		posts = append(posts, templates.AdminPost{
			ID: h.ID, HTML: templates.Translate(lang, h.HTML), Why: h.Decision.Why, By: h.Decision.By, At: h.Decision.At,
		})
	}
	return posts
}

func adminPosition(p hub.Position) templates.AdminPosition {
	return templates.AdminPosition{Epoch: p.Epoch, Offset: p.Offset}
}
