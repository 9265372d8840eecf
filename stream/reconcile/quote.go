package reconcile

import (
	"cmp"
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
		return &stream.Quote{ID: q.ID, URL: cmp.Or(c.post.URL, q.URL), Post: inQuote(c.post)}
	}
	return q
}

// requote shows a version of a post in the cards that quote it, by any of its ids, in an
// older one. What is known to be an edit replaces the same version too, and any version if
// it has no time.
func (r *Reconciler) requote(ids []string, p *stream.Post, edit bool) {
	for _, id := range ids {
		for _, c := range slices.Clone(r.byPart[id]) {
			if c.post == nil || c.post.Quoted() == nil || !slices.Contains(ids, c.post.Quoted().ID) {
				continue
			}
			age := p.EditedAt.Compare(c.post.Quoted().EditedAt)
			if age > 0 || edit && (age == 0 || p.EditedAt.IsZero()) {
				quoting := *c.post
				quoting.Quote = &stream.Quote{ID: quoting.Quote.ID, URL: cmp.Or(p.URL, quoting.Quote.URL), Post: inQuote(p)}
				r.update(c, &quoting)
			}
		}
	}
}
