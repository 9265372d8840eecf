package reconcile

import (
	"cmp"
	"container/list"
	"reflect"
	"slices"
	"time"

	"nagare/stream"
)

// card is a post as it is shown.
type card struct {
	id      string        // under which it is shown
	again   string        // the post's id, where it was shown before under that id; or empty
	name    string        // its id, the first known where each edit has another
	others  []string      // its other ids
	author  string        // his Key
	own     bool          // it came by itself, not only by reposts
	late    bool          // as Post.Late, when it was created
	reposts []repost      // the newest last
	older   int           // reposts that were dropped from reposts, see mostReposts
	untold  int           // reposts since the card was emitted last
	post    *stream.Post  // as emitted last; nil if that is long ago
	edited  int64         // when that was edited, in milliseconds since 1970
	at      time.Duration // since the ledger began: when that was
	element *list.Element // in whole or bare; nil if it isn't shown any more
}

// repost is one repost of a post.
type repost struct {
	id    string // empty if the post itself arrived with a reposter in it, as recorded posts do
	by    *stream.Author
	older int // of a recorded post: how many other people had reposted it
}

const (
	// mostReposts is how many reposts of a post are remembered, the newest. The others
	// remain in the count, even if they are undone later. If all remembered reposts are
	// undone, the post is removed, even though others may have reposted it.
	mostReposts = 64

	// fewReposts is how many people a card counts one by one. Above it, a card is
	// emitted only for every fewReposts-th repost, so that a post that a whole network
	// reposts doesn't fill the timeline with updates. It is well below mostReposts, so
	// that the reposter whom a card names is always one of those remembered.
	fewReposts = 16
)

// reposters returns the newest reposter and the number of people who reposted the
// post. A person who reposted it twice counts once.
func (c *card) reposters() (newest *stream.Author, people int) {
	seen := make(map[string]bool, len(c.reposts))
	people = c.older
	for _, r := range c.reposts {
		if people += r.older; r.by == nil {
			continue
		}
		if newest = r.by; r.by.Key == "" || !seen[r.by.Key] {
			people++
		}
		seen[r.by.Key] = true
	}
	if newest == nil {
		return nil, 0
	}
	return newest, people
}

// names are all ids of the post.
func (c *card) names() []string { return append([]string{c.name}, c.others...) }

// parts are the keys under which the ledger finds the card, besides its ids.
func (c *card) parts() []string {
	keys := make([]string, 1, 4)
	keys[0] = c.author
	for _, r := range c.reposts {
		if r.by != nil {
			keys = append(keys, r.by.Key)
		}
	}
	if c.post != nil && c.post.Quote != nil {
		keys = append(keys, c.post.Quote.ID)
		if q := c.post.Quote.Post; q != nil {
			keys = append(keys, q.ID, q.Author.Key)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if keys[0] == "" {
		keys = keys[1:]
	}
	return keys
}

// newCard enters a post that is not known.
func (l *Reconciler) newCard(t *stream.Post, ids []string) *card {
	c := &card{id: t.ID, name: ids[0], author: t.Author.Key, late: t.Late}
	for l.withdrawn.Has(c.id) || l.again[c.id] {
		c.id, c.again = c.id+"~", t.ID
	}
	if c.again != "" {
		l.again[c.id] = true
	}
	l.names[c.name] = c
	l.name(c, ids[1:])
	l.link(c, c.parts())
	return c
}

// name makes the card known by further ids.
func (l *Reconciler) name(c *card, ids []string) {
	for _, id := range ids {
		if l.names[id] == nil {
			l.names[id], c.others = c, append(c.others, id)
		}
	}
}

// show makes t what is held of the card, and the card the newest.
func (l *Reconciler) show(c *card, t *stream.Post) {
	l.change(c, func() { c.post, c.edited, c.untold = t, t.EditedAt.UnixMilli(), 0 })
	l.drop(c)
	c.element, c.at = l.whole.PushFront(c), time.Since(l.began)
	if l.whole.Len() > l.limits.whole {
		oldest := l.whole.Back().Value.(*card)
		l.change(oldest, func() { oldest.post = nil })
		l.drop(oldest)
		oldest.element = l.bare.PushFront(oldest)
		l.forget()
	}
}

// drop takes the card out of the order.
func (l *Reconciler) drop(c *card) {
	if c.element != nil {
		l.whole.Remove(c.element) // each of the two does nothing if it isn't its own
		l.bare.Remove(c.element)
	}
	c.element = nil
}

// change keeps parts right while do changes the card.
func (l *Reconciler) change(c *card, do func()) {
	old := c.parts()
	do()
	if now := c.parts(); !slices.Equal(old, now) {
		l.unlink(c, old)
		l.link(c, now)
	}
}

func (l *Reconciler) link(c *card, keys []string) {
	for _, key := range keys {
		l.parts[key] = append(l.parts[key], c)
	}
}

func (l *Reconciler) unlink(c *card, keys []string) {
	for _, key := range keys {
		cards := l.parts[key]
		if i := slices.Index(cards, c); i >= 0 {
			cards = slices.Delete(cards, i, i+1)
		}
		if l.parts[key] = cards; len(cards) == 0 {
			delete(l.parts, key)
		}
	}
}

// remove makes the ledger know nothing more of the card.
func (l *Reconciler) remove(c *card) {
	for _, id := range c.names() {
		delete(l.names, id)
	}
	for _, r := range c.reposts {
		delete(l.reposts, r.id)
	}
	delete(l.again, c.id)
	l.unlink(c, c.parts())
	l.drop(c)
}

// forget removes the posts of long ago.
func (l *Reconciler) forget() {
	now := time.Since(l.began)
	for l.bare.Len() > 0 {
		known, oldest := l.whole.Len()+l.bare.Len(), l.bare.Back().Value.(*card)
		if known <= l.limits.known || known <= l.limits.most && now-oldest.at < l.limits.time {
			return
		}
		l.remove(oldest)
	}
}

// rendered is a copy of t as the card shows it now: under the card's id, with the people
// who reposted it, with nothing in it that may not be shown, and late if the card was.
func (l *Reconciler) rendered(c *card, t *stream.Post) *stream.Post {
	shown := *t
	shown.ID = c.id
	shown.RepostedBy, shown.Reposts = c.reposters()
	shown.Quote, shown.Late = l.quote(t.Quote), c.late
	return &shown
}

// compare tells by its edit whether t is older (-1) or newer (1) than what is shown.
func (c *card) compare(t *stream.Post) int { return cmp.Compare(t.EditedAt.UnixMilli(), c.edited) }

// update emits the card with t in it, unless that is how it is shown already.
func (l *Reconciler) update(c *card, t *stream.Post) {
	t = l.rendered(c, t)
	if c.post != nil && reflect.DeepEqual(c.post, t) {
		return
	}
	l.show(c, t)
	l.emitPost(stream.Update, c, t)
}

// refresh emits the card again if it is to look otherwise now.
func (l *Reconciler) refresh(c *card) {
	if c.post != nil {
		l.update(c, c.post)
	}
}
