package reconcile

import (
	"slices"

	"nagare/stream"
)

// author enters what happens to an author.
func (l *Reconciler) author(op stream.Op) {
	key := op.Author.Key
	if key == "" {
		return
	}
	switch op.Kind {
	case stream.AuthorGone:
		l.authorGone(key)
	case stream.AuthorBack:
		l.goneAuthors.Remove(key)
	case stream.AuthorUpdate:
		l.authorUpdate(op.Author)
	}
}

// authorGone destroys all that he wrote before it looks at who quotes it, so that
// not even an update says it once more.
func (l *Reconciler) authorGone(key string) {
	l.goneAuthors.Add(key)
	var ids []string
	for _, c := range slices.Clone(l.parts[key]) {
		if c.author == key {
			ids = append(ids, c.names()...)
			l.emitDestroy(c, l.why)
			l.remove(c)
		}
	}
	for _, id := range ids {
		l.tombstones.Add(id)
	}
	for _, c := range slices.Clone(l.parts[key]) {
		l.undoReposts(c, func(r repost) bool { return r.by != nil && r.by.Key == key })
	}
	l.unquote(ids)
}

// withheld marks a post, or all of its author's, with where it may not be shown.
func (l *Reconciler) withheld(op stream.Op) {
	var cards []*card
	if c := l.names[op.ID]; c != nil {
		cards = append(cards, c)
	} else if op.Author != nil && op.Author.Key != "" {
		cards = slices.Clone(l.parts[op.Author.Key])
	}
	for _, c := range cards {
		if c.post != nil && (op.Author == nil || c.author == op.Author.Key) {
			t := *c.post
			t.WithheldIn = op.Where
			l.update(c, &t)
		}
	}
}

// authorUpdate shows him as he is now, in the posts that are held whole.
func (l *Reconciler) authorUpdate(now *stream.Author) {
	for _, c := range slices.Clone(l.parts[now.Key]) {
		if c.post == nil {
			continue
		}
		for i, r := range c.reposts {
			if r.by != nil && r.by.Key == now.Key {
				c.reposts[i].by = now
			}
		}
		t := *c.post
		if t.Author.Key == now.Key {
			t.Author = *now
		}
		if q := t.Quoted(); q != nil && q.Author.Key == now.Key {
			quote, quoted := *t.Quote, *q
			quoted.Author, quote.Post, t.Quote = *now, &quoted, &quote
		}
		l.update(c, &t)
	}
}
