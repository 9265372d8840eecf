package web

import (
	"encoding/json"
	"net/http"
	"slices"

	"nagare/templates"
)

// screens makes the page of the public screens. The posts that stay on top are among the announcements or
// else among the pins.
func (a *admin) screens(r *http.Request, p *templates.Admin) (component, error) {
	page := templates.AdminScreens{Local: a.config.isLocal(a.config.origin(r))}
	settings := a.moderation.Settings()
	for _, id := range settings.Announced {
		post, err := a.publicPost(id, p.Lang)
		if err != nil {
			return nil, err
		}
		post.Pinned = slices.Contains(settings.Pins, id)
		if post.HTML != "" || post.Pinned {
			page.Announcements = append(page.Announcements, post)
		}
	}
	for _, id := range settings.Pins {
		post, err := a.publicPost(id, p.Lang)
		if err != nil {
			return nil, err
		}
		post.Pinned = true
		if !slices.Contains(settings.Announced, id) {
			page.Pins = append(page.Pins, post)
		}
	}
	return templates.AdminScreensPage(*p, page), nil
}

// publicPost returns a post for a list. It has no HTML if it is not public any more.
func (a *admin) publicPost(id, lang string) (templates.AdminPost, error) {
	post := templates.AdminPost{ID: id}
	record, err := a.find(id, a.timeline)
	switch {
	case err == errNoPost:
		return post, nil
	case err != nil:
		return post, err
	case record.Key != id: // the post was hidden, and shown again under another id
		return post, nil
	}
	var data struct{ HTML string }
	err = json.Unmarshal(record.Data, &data)
	post.HTML = templates.Translate(lang, data.HTML)
	return post, err
}
