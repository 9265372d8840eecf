package recording

import (
	"cmp"
	"hash/maphash"

	"nagare/stream"
)

// indexedLines is how many of the newest lines are indexed. They hold about half as many
// posts, because many a post is recorded again when its author changes.
const indexedLines = 200_000

// content is something in a line that may have to be erased: a post or an author, by id or
// key.
type content struct {
	key string
	as  role
}

// role says how a line contains a post or an author.
type role uint8

const (
	shown  role = iota // the post that the line is about
	quoted             // a post that the shown post quotes
	author             // the author, the reposter, the quoted author or the author of the parent
	repost             // the repost by the named reposter
)

// shownPart returns the post that op is about.
func shownPart(op stream.Op) content { return content{cmp.Or(op.Original, op.Post.ID), shown} }

// contentsOf returns everything in op that may have to be erased.
func contentsOf(op stream.Op) []content {
	all := []content{shownPart(op)}
	for _, a := range op.Authors() {
		all = append(all, content{a.Key, author})
	}
	for t := op.Post; t != nil; t = t.Quoted() {
		if all = append(all, content{t.RepostID, repost}); t.ReplyTo != nil {
			all = append(all, content{t.ReplyTo.Key, author})
		}
		if t.Quote != nil {
			all = append(all, content{t.Quote.ID, quoted})
		}
		if t.Quoted() != nil {
			all = append(all, content{t.Quoted().ID, quoted})
		}
	}
	return all
}

// without returns the post of op without p, or nil if nothing is left.
func without(op stream.Op, p content) *stream.Post {
	if op.Post == nil || p == shownPart(op) {
		return nil
	}
	return withoutPart(op.Post, p)
}

func withoutPart(t *stream.Post, p content) *stream.Post {
	if t == nil || p == (content{t.Author.Key, author}) {
		return nil
	}
	left := *t
	if by := t.RepostedBy; by != nil && (p == content{by.Key, author} || p == content{t.RepostID, repost}) {
		left.RepostedBy, left.RepostID, left.Reposts = nil, "", 0
	}
	if reply := t.ReplyTo; reply != nil && p == (content{reply.Key, author}) {
		left.ReplyTo = &stream.Reply{}
	}
	if q := t.Quote; q != nil {
		quote := *q
		quote.Post = withoutPart(q.Post, p)
		if p == (content{q.ID, quoted}) || q.Post != nil && (quote.Post == nil || p == content{q.Post.ID, quoted}) {
			quote = stream.Quote{ID: q.ID}
		}
		left.Quote = &quote
	}
	return &left
}

// index finds the lines of a recording by their contents. Of each content it keeps only a
// hash: a line that is found has to be read from the file anyway, which shows whether the
// content itself is the same.
type index struct {
	seed   maphash.Seed
	limit  int
	lines  []indexedLine  // line n, counted from 0, is lines[n%limit]
	next   int            // the number of the next line
	newest map[uint64]int // by hash of a content: number of the newest line with the content
}

type indexedLine struct {
	at     int64 // offset in the file
	length int   // bytes, without the line end; 0 if the line was erased
	parts  []link
}

// link leads from a line to the previous line that has a content in common.
type link struct {
	hash   uint64
	before int // number of that line; -1 if there is none
}

func newIndex(limit int) *index {
	return &index{seed: maphash.MakeSeed(), limit: limit, newest: map[uint64]int{}}
}

// add indexes a line. If there are limit lines already, the oldest is dropped.
func (x *index) add(op stream.Op, at int64, length int) {
	line := indexedLine{at: at, length: length}
	for _, p := range contentsOf(op) {
		hash := maphash.Comparable(x.seed, p)
		before, ok := x.newest[hash]
		switch {
		case p.key == "" || before == x.next && ok: // no key, or a content that this line has twice
			continue
		case !ok:
			before = -1
		}
		line.parts = append(line.parts, link{hash, before})
		x.newest[hash] = x.next
	}
	if len(x.lines) < x.limit {
		x.lines = append(x.lines, line)
	} else {
		x.forget(x.next - x.limit)
		x.lines[x.next%x.limit] = line
	}
	x.next++
}

func (x *index) forget(number int) {
	for _, link := range x.lines[number%x.limit].parts {
		if x.newest[link.hash] == number {
			delete(x.newest, link.hash)
		}
	}
}

// find returns the lines that have the content, the newest first.
func (x *index) find(p content) []*indexedLine {
	hash := maphash.Comparable(x.seed, p)
	number, ok := x.newest[hash]
	var found []*indexedLine
	for ok && number >= max(0, x.next-x.limit) {
		line := &x.lines[number%x.limit]
		if line.length > 0 {
			found = append(found, line)
		}
		for _, link := range line.parts {
			if link.hash == hash {
				number = link.before
			}
		}
	}
	return found
}
