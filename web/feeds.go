package web

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
	"nagare/web/feed"
)

func (d *data) atom(w http.ResponseWriter, r *http.Request) {
	d.feed(w, r, feed.AtomType, feed.Feed.Atom)
}

func (d *data) jsonFeed(w http.ResponseWriter, r *http.Request) {
	d.feed(w, r, feed.JSONType, feed.Feed.JSON)
}

// feed serves the newest posts in the format that write writes. Unlike the other data, it ignores
// unknown parameters, because some readers and services add theirs.
func (d *data) feed(w http.ResponseWriter, r *http.Request, kind string, write func(feed.Feed) []byte) {
	p := newParams(r, queryParam, beforeParam)
	wanted := d.wanted(p)
	if p.refused(w) {
		return
	}
	origin, lang := d.config.origin(r), templates.Language(r.Header.Get("Accept-Language"))
	at := func(path string, before hub.Position) string {
		return withParams(origin+path, queryParam, wanted.query.String(), beforeParam, positionText(before))
	}
	self := at(r.URL.Path, wanted.before)
	home := at(homePath, hub.Position{})
	if path := pathOf(wanted.query); path != "" {
		home = origin + path
	}
	w.Header().Set("Vary", "Accept-Language")
	d.answer(w, r, kind, pageKey{preferences: preferences{lang: lang}, address: self}, wanted, func(found selected, _ hub.Position) ([]byte, error) {
		f := feed.Feed{Title: d.title(wanted), Home: home, Self: self, Lang: lang, Empty: d.begun}
		if (found.older != hub.Position{}) {
			f.Next = at(r.URL.Path, found.older)
		}
		items, err := newItems(found.posts, origin, lang)
		f.Items = items
		return write(f), err
	})
}

// title returns the title of the feed with the wanted posts.
func (d *data) title(w wanted) string {
	if w.query.IsZero() {
		return d.config.Site
	}
	return d.config.Site + ": " + w.query.String()
}

// newItems returns the items of posts.
func newItems(posts []entry, origin, lang string) (items []feed.Item, err error) {
	for _, e := range posts {
		item, err := newItem(e, origin, lang)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// newItem returns the item of a post.
func newItem(e entry, origin, lang string) (feed.Item, error) {
	var post payload
	if err := json.Unmarshal(e.data, &post); err != nil {
		return feed.Item{}, err
	}
	content, err := templates.Portable(templates.Translate(lang, post.HTML), origin)
	if err != nil {
		return feed.Item{}, err
	}
	return feed.Item{
		ID: feed.ID(post.ID), URL: origin + postPath(post.ID), Original: post.URL, Title: post.title(content), HTML: content.HTML, Lang: post.Lang,
		Author:    feed.Author{Name: post.author(), Avatar: absolute(origin, post.IconURL)},
		Published: post.CreatedAt, Edited: post.EditedAt,
	}, nil
}

// longestTitle is the length of the part of a text that is in a title, in bytes.
const longestTitle = 100

// title returns a title for a post: its author and the beginning of its content.
func (p payload) title(content templates.Excerpt) string {
	return oneLine(p.author() + ": " + excerpt(content.Text))
}

// excerpt returns the beginning of a text. If it leaves something out, it ends with a whole word or, where
// words have no spaces between them, anywhere.
func excerpt(text string) string {
	cut := stream.CutText(text, longestTitle)
	if cut == text {
		return text
	}
	next, _ := utf8.DecodeRuneInString(text[len(cut):])
	if end := strings.LastIndexFunc(cut, unicode.IsSpace); end > longestTitle/2 && !unicode.IsSpace(next) {
		cut = cut[:end]
	}
	return strings.TrimRightFunc(cut, unicode.IsSpace) + "…"
}

// author returns what the author is called.
func (p payload) author() string { return cmp.Or(p.Name, p.ScreenName, p.ID) }
