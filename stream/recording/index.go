package recording

import (
	"cmp"
	"hash/maphash"

	"nagare/stream"
)

// indexedLines is how many lines of a recording are known by what is in them, the
// newest: half as many posts, since many a post comes again with its author's name.
const indexedLines = 200_000

// part is what of a line may have to be taken out of it.
type part struct {
	key string
	as  role
}

// role is how a line has a part.
type role uint8

const (
	shown  role = iota // the post that the line is of
	quoted             // a post that it quotes
	author             // a person: who wrote, reposted or is quoted
)

// shownPart is the post that op is of.
func shownPart(op stream.Op) part { return part{cmp.Or(op.Original, op.Post.ID), shown} }

// wordsOf is all that op holds words of: who wrote it, who brought it, and whom it quotes.
func wordsOf(op stream.Op) []part {
	all := []part{shownPart(op)}
	for _, a := range op.Authors() {
		all = append(all, part{a.Key, author})
	}
	for t := op.Post; t != nil && t.Quote != nil; t = t.Quoted() {
		if all = append(all, part{t.Quote.ID, quoted}); t.Quote.Post != nil {
			all = append(all, part{t.Quote.Post.ID, quoted})
		}
	}
	return all
}

// without is the post of op with nothing of p in it, or nil if that leaves nothing.
func without(op stream.Op, p part) *stream.Post {
	if op.Post == nil || p == shownPart(op) {
		return nil
	}
	return withoutPart(op.Post, p)
}

func withoutPart(t *stream.Post, p part) *stream.Post {
	if t == nil || p == (part{t.Author.Key, author}) {
		return nil
	}
	left := *t
	if by := t.RepostedBy; by != nil && p == (part{by.Key, author}) {
		left.RepostedBy, left.Reposts = nil, 0
	}
	if q := t.Quote; q != nil {
		quote := *q
		quote.Post = withoutPart(q.Post, p)
		if p == (part{q.ID, quoted}) || q.Post != nil && (quote.Post == nil || p == part{q.Post.ID, quoted}) {
			quote = stream.Quote{ID: q.ID}
		}
		left.Quote = &quote
	}
	return &left
}

// recordIndex finds the lines of a recording by their parts. Of a part it keeps no
// more than a hash: what is found has to be looked at anyway.
type index struct {
	seed   maphash.Seed
	limit  int
	lines  []indexedLine  // line number n, counted from 0, is at n % limit
	next   int            // the number of the next line
	newest map[uint64]int // by the hash of a part: the number of the newest line that has it
}

type indexedLine struct {
	at     int64 // in the file
	length int   // without the line's end; 0 if there is nothing in it any more
	parts  []partLink
}

// partLink leads from a line to the one before it that has the same part.
type partLink struct {
	hash   uint64
	before int // its number; -1 if there is none
}

func newIndex(limit int) *index {
	return &index{seed: maphash.MakeSeed(), limit: limit, newest: map[uint64]int{}}
}

// add notes where a line stands. When there are too many, the oldest is forgotten.
func (x *index) add(op stream.Op, at int64, length int) {
	line := indexedLine{at: at, length: length}
	for _, p := range wordsOf(op) {
		hash := maphash.Comparable(x.seed, p)
		before, ok := x.newest[hash]
		switch {
		case p.key == "" || before == x.next && ok: // nobody, or it is in the line twice
			continue
		case !ok:
			before = -1
		}
		line.parts = append(line.parts, partLink{hash, before})
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

// with are the lines that have the part, the newest first.
func (x *index) with(p part) []*indexedLine {
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
