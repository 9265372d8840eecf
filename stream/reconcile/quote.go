package reconcile

import (
	"slices"

	"nagare/stream"
)

// inQuote is a post as a quote shows it: one level deep, without its reposters.
func inQuote(p *stream.Post) *stream.Post {
	quoted := *p
	quoted.Quote, quoted.RepostedBy, quoted.Reposts = nil, nil, 0
	return &quoted
}

// quote is what a card may show of the post it quotes: nothing that was removed, and no
// older version than the one that is known.
func (r *Reconciler) quote(q *stream.Quote) *stream.Quote {
	switch {
	case q == nil:
		return nil
	case r.tombstones.Has(q.ID), q.Post != nil && (r.tombstones.Has(q.Post.ID) || r.goneAuthors.Has(q.Post.Author.Key)):
		return &stream.Quote{ID: q.ID}
	case q.Post == nil:
		return q
	}
	if c := r.byID[q.Post.ID]; c != nil && c.post != nil && c.post.EditedAt.After(q.Post.EditedAt) {
		return &stream.Quote{ID: q.ID, URL: q.URL, Post: inQuote(c.post)}
	}
	return q
}

// requote shows an edit in the cards that quote the post, by any of its ids, in the
// version before it or an older one. An edit without a time counts as the newest.
func (r *Reconciler) requote(ids []string, p *stream.Post) {
	for _, id := range ids {
		for _, c := range slices.Clone(r.byPart[id]) {
			if c.post == nil || c.post.Quoted() == nil || !slices.Contains(ids, c.post.Quoted().ID) {
				continue
			}
			if p.EditedAt.IsZero() || !p.EditedAt.Before(c.post.Quoted().EditedAt) {
				quoting := *c.post
				quoting.Quote = &stream.Quote{ID: quoting.Quote.ID, URL: quoting.Quote.URL, Post: inQuote(p)}
				r.update(c, &quoting)
			}
		}
	}
}
