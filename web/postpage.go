package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"nagare/hub"
	"nagare/stream"
	"nagare/stream/query"
	"nagare/templates"
)

// permalinkPattern matches the address of the page of a post. An id can contain slashes, which some
// proxies unescape.
const permalinkPattern = "/post/{id...}"

// errGone is returned for a post that was deleted.
var errGone = errors.New("web: the post was deleted")

// servePost serves the page of one post. Other posts of its author are below it.
func (p *pages) servePost(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if savePreferences(w, r) {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, postPath(id), http.StatusSeeOther)
		return
	}
	t, chosen := p.config.Timeline, preferencesOf(r)
	doc, err := p.others.get(r.Context(), p.key(chosen, postPath(id)), t.channel.Tip, func(ctx context.Context) (renderedPage, error) {
		tip := t.channel.Tip()
		post, err := t.post(id)
		if err != nil {
			return renderedPage{}, err
		}
		return p.renderPost(ctx, post, tip, chosen)
	})
	if err != nil {
		p.refuse(w, r, view{path: homePath}, err)
		return
	}
	doc.send(w, r)
}

// post returns the post with an id. The error is errView if there was none, errGone if it was
// deleted, and errAway if it can't be looked up now.
func (t *Timeline) post(id string) (entry, error) {
	events, _ := t.channel.Recent(everything)
	for _, e := range latest(events) {
		if e.key == id {
			return e, nil
		}
	}
	records, err := t.find(names(id)...)
	if err != nil {
		return entry{}, errAway
	}
	for _, r := range slices.Backward(records) { // a later record of a key replaces an earlier one
		switch {
		case !slices.Contains(names(id), r.Key):
		case r.Erased:
			return entry{}, errGone
		case len(r.Data) > 0:
			return entry{r.Key, r.First.Offset, r.Data, &r.Index}, nil
		}
	}
	return entry{}, errView
}

// names returns the ids that an id from an address can mean. On the way through a proxy, it may have
// lost the second of two slashes, as in bluesky:at://.
func names(id string) []string {
	if scheme, rest, found := strings.Cut(id, ":/"); found && !strings.HasPrefix(rest, "/") {
		return []string{id, scheme + "://" + rest}
	}
	return []string{id}
}

// othersOfAuthor is how many posts of the same author are below a post.
const othersOfAuthor = 10

// renderPost renders the page of a post that was looked up at the position tip or later. The page has
// that position, because a later one could be after the deletion of the post: the page would then be
// kept, and no browser would be told of the deletion.
func (p *pages) renderPost(ctx context.Context, post entry, tip hub.Position, chosen preferences) (renderedPage, error) {
	var data payload
	if err := json.Unmarshal(post.data, &data); err != nil {
		return renderedPage{}, err
	}
	author := p.authorOf(post, data)
	found, err := p.config.Timeline.selectPosts(ctx, selection{query: author.query, limit: othersOfAuthor + 1})
	if err != nil {
		return renderedPage{}, err
	}
	found.tip = tip
	found.lead(post, author.query.IsZero())
	page := p.page(author, chosen, found)
	page.View = templates.View{Kind: templates.OnePost, Value: cmp.Or(data.Name, author.Value)}
	page.Past, page.Path, page.Here, page.Canonical = true, homePath, postPath(post.key), postPath(post.key)
	page.Post = &templates.Permalink{Words: preview(post, data), Author: author.Value, By: author.base()}
	page.Alternates = p.embeddingOf(post)
	return p.finish(ctx, page, found)
}

// lead puts a post before the others of its author. If alone is set, it drops the others.
func (s *selected) lead(post entry, alone bool) {
	if alone {
		s.posts, s.older = nil, hub.Position{}
	}
	others := slices.DeleteFunc(s.posts, func(e entry) bool { return e.key == post.key })
	if len(others) > othersOfAuthor {
		others = others[:othersOfAuthor]
		s.older = hub.Position{Epoch: s.tip.Epoch, Offset: others[othersOfAuthor-1].offset}
	}
	s.posts = append([]entry{post}, others...)
}

// authorOf returns the view of all posts by the author of a post. Its query is zero if the author has
// no handle.
func (p *pages) authorOf(post entry, data payload) view {
	source, handle := post.value("source:"), data.ScreenName
	v := view{path: authorPath(source, handle), View: templates.View{
		Kind: templates.ByAuthor, Value: handle, Source: p.config.Timeline.publisher.networks.get(source).Name,
		Text: clause("from:", handle) + " " + clause("source:", source),
	}}
	var err error
	if v.query, err = query.Parse(v.Text); err != nil || handle == "" || source == "" {
		return view{path: homePath}
	}
	return v
}

// previewLength is the most bytes of a post that other sites show with a link to its page.
const previewLength = 300

// preview returns the words of a post that other sites may show with a link to its page. It returns
// none of a post that is behind a warning, or whose author asks not to be listed elsewhere.
func preview(post entry, data payload) string {
	if post.has(query.IsSensitive) || post.has(query.NoIndex) {
		return ""
	}
	return stream.CutText(strings.Join(strings.Fields(data.Text), " "), previewLength)
}

// embeddingOf returns the oEmbed of a post that may be passed on.
func (p *pages) embeddingOf(post entry) []templates.Alternate {
	if p.config.OpenData == nil || !p.config.OpenData(post.value("source:")) {
		return nil
	}
	return p.config.embedding(postPath(post.key))
}
