package stream

import "slices"

// author enters what happens to an author.
func (l *Ledger) author(op Op) {
	key := op.Author.Key
	if key == "" {
		return
	}
	switch op.Kind {
	case AuthorGone:
		l.authorGone(key)
	case AuthorBack:
		l.gone.remove(key)
	case AuthorUpdate:
		l.authorUpdate(op.Author)
	}
}

// authorGone destroys all that he wrote before it looks at who quotes it, so that
// not even an update says it once more.
func (l *Ledger) authorGone(key string) {
	l.gone.add(key)
	var ids []string
	for _, c := range slices.Clone(l.parts[key]) {
		if c.author == key {
			ids = append(ids, c.names()...)
			l.end(c.id, l.why)
			l.remove(c)
		}
	}
	for _, id := range ids {
		l.dead.add(id)
	}
	for _, c := range slices.Clone(l.parts[key]) {
		l.takeBack(c, func(r repost) bool { return r.by != nil && r.by.Key == key })
	}
	l.unquote(ids)
}

// withheld marks a post, or all of its author's, with where it may not be shown.
func (l *Ledger) withheld(op Op) {
	var cards []*card
	if c := l.names[op.ID]; c != nil {
		cards = append(cards, c)
	} else if op.Author != nil && op.Author.Key != "" {
		cards = slices.Clone(l.parts[op.Author.Key])
	}
	for _, c := range cards {
		if c.tweet != nil && (op.Author == nil || c.author == op.Author.Key) {
			t := *c.tweet
			t.WithheldIn = op.Where
			l.update(c, &t)
		}
	}
}

// authorUpdate shows him as he is now, in the posts that are held whole.
func (l *Ledger) authorUpdate(now *Author) {
	for _, c := range slices.Clone(l.parts[now.Key]) {
		if c.tweet == nil {
			continue
		}
		for i, r := range c.reposts {
			if r.by != nil && r.by.Key == now.Key {
				c.reposts[i].by = now
			}
		}
		t := *c.tweet
		if t.Author.Key == now.Key {
			t.Author = *now
		}
		if q := t.quoted(); q != nil && q.Author.Key == now.Key {
			quote, quoted := *t.Quote, *q
			quoted.Author, quote.Post, t.Quote = *now, &quoted, &quote
		}
		l.update(c, &t)
	}
}
