package reconcile

import (
	"cmp"
	"slices"

	"nagare/stream"
)

// inQuote returns a post as a quote shows it: without its own quote and reposters.
func inQuote(p *stream.Post) *stream.Post {
	quoted := withoutReposts(p)
	quoted.Quote = nil
	return quoted
}

// withoutReposts returns a copy of p that names no reposter.
func withoutReposts(p *stream.Post) *stream.Post {
	bare := *p
	bare.RepostedBy, bare.RepostID, bare.Reposts = nil, "", 0
	return &bare
}

// quote returns q as a card shows it: without the post if that was removed or may not be shown there, and
// otherwise with the newest known version of the post.
func (r *Reconciler) quote(in *card, q *stream.Quote) *stream.Quote {
	switch {
	case q == nil:
		return nil
	case r.tombstones.Has(q.ID), !r.mayShow(in, q.ID), q.Post != nil && (r.tombstones.Has(q.Post.ID) || !r.mayShow(in, q.Post.ID) || r.goneAuthors.Has(q.Post.Author.Key)):
		return &stream.Quote{ID: q.ID}
	case q.Post == nil:
		return q
	}
	if c := r.byID[q.Post.ID]; c != nil && c.post != nil && c.post.Version().After(q.Post.Version()) {
		newer := inQuote(c.post)
		newer.ID = q.Post.ID // the id of the card can be another one, by which no edit would find the quote
		q = &stream.Quote{ID: q.ID, URL: cmp.Or(c.post.URL, q.URL), Post: newer}
	}
	if reply := r.reply(q.Post.ReplyTo); reply != q.Post.ReplyTo {
		quoted := *q.Post
		quoted.ReplyTo = reply
		return &stream.Quote{ID: q.ID, URL: q.URL, Post: &quoted}
	}
	return q
}

// reply returns a reply as a card shows it: without the name of a removed author.
func (r *Reconciler) reply(reply *stream.Reply) *stream.Reply {
	if reply == nil || !r.goneAuthors.Has(reply.Key) {
		return reply
	}
	return &stream.Reply{}
}

// requote replaces older versions of a post by p, in all cards that quote the post. The post
// is known by any of ids. If p is known to be an edit, p also replaces a version with the same
// edit time or, if p has no edit time, any version.
func (r *Reconciler) requote(ids []string, p *stream.Post, edit bool) {
	for _, id := range ids {
		for _, c := range slices.Clone(r.byPart[id]) {
			if c.post == nil || c.post.Quoted() == nil || !slices.Contains(ids, c.post.Quoted().ID) {
				continue
			}
			age := p.Version().Compare(c.post.Quoted().Version())
			if age > 0 || edit && (age == 0 || p.EditedAt.IsZero()) {
				quoting := *c.post
				quoting.Quote = &stream.Quote{ID: quoting.Quote.ID, URL: cmp.Or(p.URL, quoting.Quote.URL), Post: inQuote(p)}
				r.update(c, &quoting)
			}
		}
	}
}
