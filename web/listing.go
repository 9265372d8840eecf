package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"nagare/hub"
	"nagare/templates"
)

// listing is the answer with posts as JSON.
type listing struct {
	Posts    []listed     `json:"posts"` // newest first
	Older    *string      `json:"older"` // path of the next older posts; nil: there are none
	Position hub.Position `json:"position"`
	Complete bool         `json:"complete"`
}

// listed is a post as the streams have it, with its card only if that is wanted.
type listed struct {
	payload
	HTML string `json:"html,omitempty"`
}

// listing serves posts as JSON.
func (d *data) listing(w http.ResponseWriter, r *http.Request) {
	p := newParams(r, queryParam, beforeParam, "after", atParam, "limit", "html")
	p.noOthers()
	wanted, html := d.wanted(p), p.flag("html")
	if p.refused(w) {
		return
	}
	key := pageKey{address: r.URL.Path + "?" + p.values.Encode()}
	d.answer(w, r, "application/json", key, wanted, func(found selected, next hub.Position) ([]byte, error) {
		return d.list(wanted, found, next, html)
	})
}

func (d *data) list(w wanted, found selected, next hub.Position, html bool) ([]byte, error) {
	out := listing{Posts: make([]listed, 0, len(found.posts)), Position: next, Complete: found.complete}
	for _, e := range found.posts {
		var post listed
		if err := json.Unmarshal(e.data, &post); err != nil {
			return nil, err
		}
		if !html {
			post.HTML = ""
		}
		out.Posts = append(out.Posts, post)
	}
	if (found.older != hub.Position{}) {
		limit, withHTML := "", ""
		if w.limit != templates.Initial {
			limit = strconv.Itoa(w.limit)
		}
		if html {
			withHTML = "1"
		}
		older := withParams(listingPath(d.timeline.name), queryParam, w.query.String(), beforeParam, positionText(found.older), "limit", limit, "html", withHTML)
		out.Older = &older
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // the addresses stay as they are
	err := encoder.Encode(out)
	return body.Bytes(), err
}
