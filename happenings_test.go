package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"nagare/stream"
)

func (h *history) create(p *told) {
	h.tell(stream.Op{Kind: stream.Create, ID: p.ID, Post: p.content()})
	if !p.isGone() {
		p.own = true
	}
}

// late emits an old version of the post again, as a post or as a quote in another post.
func (h *history) late(p *told) {
	if len(p.old) == 0 || !p.carded() || p.timeless {
		return
	}
	old := *rapid.SampledFrom(p.old).Draw(h.t, "version")
	old.Author, old.ReplyTo = p.by.Author, p.reply()
	if rapid.Bool().Draw(h.t, "in a quote") {
		quoting := h.post(nil)
		post := quoting.content()
		post.Quote = &stream.Quote{ID: old.ID, URL: p.URL, Post: &old}
		h.tell(stream.Op{Kind: stream.Create, ID: post.ID, Post: post})
		quoting.own, quoting.quotes = !quoting.isGone(), p
		return
	}
	h.tell(stream.Op{Kind: stream.Create, ID: old.ID, Post: &old})
	p.own = p.own || !p.isGone()
}

// edit emits a new version of the post, as an update or inside a repost.
func (h *history) edit(p *told) {
	version := p.Post
	p.old = append(p.old, &version)
	h.write(p)
	if !p.timeless {
		p.EditedAt = h.at
		if h.can.reposts && rapid.IntRange(0, 4).Draw(h.t, "by a repost") == 0 {
			h.repost(p)
			return
		}
	}
	h.tell(stream.Op{Kind: stream.Update, ID: p.ID, Post: p.content()})
	p.own = p.own || h.can.versions && !p.isGone()
}

// destroy emits the deletion of the post by its author, by the network or by its expiry. It emits
// the deletion twice, as networks sometimes do.
func (h *history) destroy(p *told) {
	h.seal(p.words)
	p.destroyed = true
	why := rapid.SampledFrom([]stream.Reason{stream.ByAuthor, stream.ByNetwork, stream.Expired}).Draw(h.t, "reason")
	h.tell(stream.Op{Kind: stream.Destroy, ID: p.ID, Author: &stream.Author{Key: p.by.Key}, Reason: why})
}

// repost emits a repost of the post by a new person, who writes no posts.
func (h *history) repost(p *told) {
	by := h.person()
	id, name := fmt.Sprint("repost:", by.Key), by.Author
	post := p.content()
	post.RepostedBy = &name
	h.tell(stream.Op{Kind: stream.Create, ID: id, Post: post})
	if p.isGone() || p.hidden {
		h.seal(by.words)
	}
	if !p.isGone() {
		p.reposts[id] = by
	}
}

// undo removes one repost of the post: the reposter deletes the repost or leaves the network.
func (h *history) undo(p *told) {
	ids := make([]string, 0, len(p.reposts))
	for id := range p.reposts {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	id := rapid.SampledFrom(ids).Draw(h.t, "repost")
	by := p.reposts[id]
	h.seal(by.words)
	delete(p.reposts, id)
	p.own = p.own || p.hidden && len(p.reposts) == 0 // the decision stays
	if h.can.has(stream.AuthorGone) && rapid.Bool().Draw(h.t, "leaves") {
		h.tell(stream.Op{Kind: stream.AuthorGone, Author: &stream.Author{Key: by.Key}})
	} else {
		h.tell(stream.Op{Kind: stream.Destroy, ID: id})
	}
}

// anybody returns a random author or reposter.
func (h *history) anybody() *person {
	all := slices.Clone(h.people)
	for _, p := range h.posts {
		for _, by := range p.reposts {
			all = append(all, by)
		}
	}
	slices.SortFunc(all, func(a, b *person) int { return cmp.Compare(a.Key, b.Key) })
	return rapid.SampledFrom(all).Draw(h.t, "person")
}

func (h *history) leave(p *person) {
	p.gone = true
	h.seal(p.words)
	h.tell(stream.Op{Kind: stream.AuthorGone, Author: &stream.Author{Key: p.Key}, Reason: stream.ByAuthor})
	for _, post := range h.posts {
		if post.by != p {
			continue
		}
		h.seal(post.words)
		post.destroyed = post.destroyed || post.carded()
	}
}

// comeBack has an author who left return under another name. Posts that were shown before the
// author left stay deleted.
func (h *history) comeBack(p *person) {
	if !p.gone {
		return
	}
	p.gone = false
	h.rename(p)
	now := p.Author
	h.tell(stream.Op{Kind: stream.AuthorBack, Author: &now})
	for _, post := range h.posts {
		if post.by == p && !post.destroyed {
			h.write(post)
			post.old, post.EditedAt = nil, time.Time{}
		}
	}
}
