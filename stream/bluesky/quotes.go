package bluesky

import (
	"context"
	"net/url"
	"reflect"
	"strings"
	"time"

	"nagare/stream"
)

// postView is a post in the public API. The API adds the quoted post to it, or says that the
// post must not be shown there. The API must be asked about the post that quotes, not about the
// quoted one: an answer about the latter can't say that its author detached it from this quote,
// or that one of the two authors blocks the other.
type postView struct {
	URI   string `json:"uri"`
	Embed struct {
		Record quotedView `json:"record"`
	} `json:"embed"`
}

// quotedView is a quoted record. If the quoting post has media too, it is one level deeper, in
// Record.
type quotedView struct {
	Type      string      `json:"$type"`
	URI       string      `json:"uri"`
	Author    profile     `json:"author"`
	Value     record      `json:"value"`
	Labels    []label     `json:"labels"`
	IndexedAt string      `json:"indexedAt"`
	Record    *quotedView `json:"record"`
}

// The types of quotedView.
const (
	viewShown    = "app.bsky.embed.record#viewRecord"
	viewNotFound = "app.bsky.embed.record#viewNotFound"
	viewBlocked  = "app.bsky.embed.record#viewBlocked"
	viewDetached = "app.bsky.embed.record#viewDetached"
)

// quote is what the view quotes.
func (v *postView) quote() *quotedView {
	if q := &v.Embed.Record; q.Record == nil {
		return q
	}
	return v.Embed.Record.Record
}

// lookUpPosts requests posts.
func (b *Source) lookUpPosts(ctx context.Context, uris []string) answer[postView] {
	var body struct {
		Posts []*postView `json:"posts"`
	}
	err := b.ask(ctx, "posts", "app.bsky.feed.getPosts", url.Values{"uris": uris}, &body)
	return answerOf(uris, body.Posts, func(v *postView) string { return v.URI }, err)
}

// track remembers an emitted post if it quotes a post.
func (s *session) track(post heldPost) {
	quote := post.op.Post.Quote
	if quote == nil {
		delete(s.b.quotes.posts, post.uri())
		return
	}
	quoted := strings.TrimPrefix(quote.ID, "bluesky:")
	if address, _ := parseATURI(quoted); address.collection != postCollection {
		return
	}
	if kept, ok := s.b.Filter.Apply(post.op); ok && kept.Kind != stream.Destroy {
		s.b.quotes.put(post.uri(), &quotingPost{heldPost: post, quoted: quoted, wait: quoteDelay, due: time.Now().Add(quoteDelay)})
	}
}

// applyPosts applies the result of a lookup of posts.
func (s *session) applyPosts(a answer[postView]) error {
	quotes, now := s.b.quotes, time.Now()
	if a.err != nil {
		s.postsFailed(a, now)
		return nil
	}
	quotes.answered()
	for _, uri := range a.keys {
		q := quotes.posts[uri]
		if q == nil {
			continue
		}
		q.asking = false
		if err := s.applyQuote(uri, q, a.found[uri], now); err != nil {
			return err
		}
	}
	return nil
}

// postsFailed applies a failed lookup of posts. Their quotes stay links.
func (s *session) postsFailed(a answer[postView], now time.Time) {
	if s.b.quotes.healthy() {
		s.log.Warn("quoted posts can't be looked up, showing links in their place", "err", a.err)
	}
	s.b.quotes.failed(a.keys, isRefusal(a.err), wantedWait(a.err), now)
}

// applyQuote applies what the API says about the quote of a post. The view is nil if the API
// doesn't know the post.
func (s *session) applyQuote(uri string, q *quotingPost, view *postView, now time.Time) error {
	known := view != nil && view.quote().Type != viewNotFound // of two new posts, the API may know only one yet
	if !known && q.op.Post.Quoted() == nil && q.later(now) {
		return nil
	}
	quote := &stream.Quote{ID: q.op.Post.Quote.ID}
	switch {
	case view == nil:
		quote.URL = quotedURL(q.quoted)
	case view.quote().URI != q.quoted:
		quote.URL = quotedURL(q.quoted)
	case view.quote().Type == viewShown:
		var err error
		if quote, err = s.quoteOf(q.quoted, view.quote(), now); err != nil {
			return err
		}
	}
	if q = s.b.quotes.posts[uri]; q == nil {
		return nil // the author of the post is not shown any more
	}
	if err := s.setQuote(q, quote); err != nil {
		return err
	}
	if quote.Post == nil {
		delete(s.b.quotes.posts, uri)
	} else {
		q.due, q.wait, q.tries = now.Add(quoteLifetime), quoteDelay, 0
	}
	return nil
}

// quoteOf converts a quoted post, unless labels forbid showing it or its author. It also applies
// the profile of its author.
func (s *session) quoteOf(uri string, view *quotedView, now time.Time) (*stream.Quote, error) {
	address, _ := parseATURI(uri)
	hidden := &stream.Quote{ID: "bluesky:" + uri}
	if view.Author.DID != address.did {
		return hidden, nil
	}
	if err := s.applyProfile(address.did, &view.Author, now); err != nil {
		return nil, err
	}
	moderated := labels{inForce(view.Labels, s.b.clock.Now())}
	_, byModerator := moderated.hide()
	_, byAuthor := view.Value.Labels.hide()
	if byModerator || byAuthor || s.b.lookups.hidden.Has(address.did) || view.Value.Type != postCollection {
		return hidden, nil
	}
	indexed, err := time.Parse(time.RFC3339, view.IndexedAt)
	if err != nil {
		indexed = s.b.clock.Now()
	}
	p, odd := view.Value.post(hidden.ID, address, indexed.UTC())
	s.note(odd)
	a := s.b.lookups.authors.Get(address.did)
	a.shown = true // so that a new name of the author is reported
	p.Author, p.Quote, p.ReplyTo = a.shownAs, nil, nil
	p.Sensitive = p.Sensitive || moderated.any(coverLabels) || a.labels.any(coverLabels)
	return &stream.Quote{ID: p.ID, URL: p.URL, Post: p}, nil
}

// setQuote emits a post with another quote, unless the quote is the same as before.
func (s *session) setQuote(q *quotingPost, quote *stream.Quote) error {
	if reflect.DeepEqual(q.op.Post.Quote, quote) {
		return nil
	}
	p := *q.op.Post
	p.Quote = quote
	q.op = stream.Op{Kind: stream.Update, At: s.b.clock.Now(), ID: q.op.ID, Post: &p}
	return s.emitFilled(q.heldPost)
}

// quotedURL is the address of the page of a quoted post.
func quotedURL(uri string) string {
	address, _ := parseATURI(uri)
	return address.page()
}
