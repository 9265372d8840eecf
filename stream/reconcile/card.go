package reconcile

import (
	"cmp"
	"container/list"
	"reflect"
	"slices"
	"time"

	"nagare/stream"
)

// card is what the page shows of a post.
type card struct {
	id             string           // the ID of the emitted ops
	original       string           // the post's id, if the card has another id because the post was shown before
	name           string           // the post's id; if each edit has its own id, the first one that arrived
	others         []string         // further ids of the post
	author         string           // Author.KeyAt of the author
	held           stream.Held      // the card is for moderators only; empty: it is public
	decision       *stream.Decision // what put it into that state; nil: nothing
	earlier        *heldState       // before the last Hide or Show; nil: there was none, or it no longer applies
	own            bool             // the post arrived by itself, not only in reposts
	unquoted       bool             // the quoted post is not shown, and may return
	late           bool             // Post.Late when the card was created
	reposts        []repost         // the newest last
	droppedReposts int              // number of reposts that were dropped from reposts, see mostReposts
	pendingReposts int              // number of reposts since the card was last emitted
	post           *stream.Post     // as last emitted; nil once fullPosts newer posts were emitted
	withheld       *withheldIn      // where the post is withheld, as last reported; nil if never reported
	edited         int64            // time of the post's last edit, in milliseconds since 1970
	at             time.Duration    // when the card was last emitted, as time since the reconciler began
	element        *list.Element    // the card's place in full or stubs; nil after the card was removed
}

// repost is one repost of a post.
type repost struct {
	id    string // empty if the post itself arrived with a reposter, as recorded posts do
	by    *stream.Author
	older int32 // in a recorded post: how many other people had reposted the post
	held  bool  // the card neither names nor counts the reposter
}

const (
	// mostReposts is how many reposts of a post are remembered, the newest ones. Older reposts
	// stay in the count, even if they are undone later. If all remembered reposts are undone,
	// the post is removed, even though some of the older ones remain.
	mostReposts = 64

	// fewReposts is how many people a card counts one by one. Above that number, a card is
	// emitted only for every fewReposts-th repost, so that a post that a whole network reposts
	// doesn't fill the timeline with updates. The number is well below mostReposts, so that
	// the named reposter is always one of those remembered.
	fewReposts = 16
)

// reposters returns the newest repost that the card names, and the number of people who reposted the post. A
// person who reposted it twice counts once.
func (c *card) reposters() (newest repost, people int) {
	seen := make(map[string]bool, len(c.reposts))
	people = c.droppedReposts
	for _, rp := range c.reposts {
		if people += int(rp.older); rp.by == nil || rp.held {
			continue
		}
		if newest = rp; rp.by.Key == "" || !seen[rp.by.Key] {
			people++
		}
		seen[rp.by.Key] = true
	}
	if newest.by == nil {
		return repost{}, 0
	}
	return newest, people
}

// ids are all ids of the post.
func (c *card) ids() []string { return append([]string{c.name}, c.others...) }

// parts returns the keys under which byPart lists the card.
func (c *card) parts() []string {
	keys, network := make([]string, 1, 4), ""
	keys[0] = c.author
	if c.post != nil {
		network = c.post.Source
	}
	if c.post != nil && c.post.ReplyTo != nil {
		keys = append(keys, c.post.ReplyTo.Key)
	}
	for _, rp := range c.reposts {
		if rp.by != nil {
			keys = append(keys, rp.by.KeyAt(network))
		}
	}
	if c.post != nil && c.post.Quote != nil {
		keys = append(keys, c.post.Quote.ID)
		if q := c.post.Quote.Post; q != nil {
			keys = append(keys, q.ID, q.Author.KeyAt(q.Source))
			if q.ReplyTo != nil {
				keys = append(keys, q.ReplyTo.Key)
			}
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if keys[0] == "" {
		keys = keys[1:]
	}
	return keys
}

// newCard adds a card for an unknown post.
func (r *Reconciler) newCard(p *stream.Post, ids []string) *card {
	c := &card{id: p.ID, name: ids[0], author: p.Author.KeyAt(p.Source), late: p.Late}
	for r.usedIDs.Has(c.id) || r.aliases[c.id] != nil || r.byID[c.id] != nil || c.original != "" && r.isArchived(c.id) {
		c.id, c.original = c.id+"~", p.ID
	}
	if c.original != "" {
		r.aliases[c.id] = c
	}
	r.byID[c.name] = c
	r.addIDs(c, ids[1:])
	r.link(c, c.parts())
	return c
}

// addIDs adds further ids of the post.
func (r *Reconciler) addIDs(c *card, ids []string) {
	for _, id := range ids {
		if r.byID[id] == nil {
			r.byID[id], c.others = c, append(c.others, id)
		}
	}
}

// show makes p the content of the card, and moves the card to the front of full.
func (r *Reconciler) show(c *card, p *stream.Post) {
	r.change(c, func() { c.post, c.edited, c.pendingReposts = p, p.Version().UnixMilli(), 0 })
	r.drop(c)
	c.element, c.at = r.full.PushFront(c), time.Since(r.began)
}

// evict drops the posts of the oldest cards in full, until full is within its limit.
func (r *Reconciler) evict() {
	for r.full.Len() > r.limits.full {
		oldest := r.full.Back().Value.(*card)
		r.change(oldest, func() { oldest.post = nil })
		r.drop(oldest)
		oldest.element = r.stubs.PushFront(oldest)
		r.forget()
	}
}

// drop removes the card from full or stubs, whichever lists it.
func (r *Reconciler) drop(c *card) {
	if c.element != nil {
		r.full.Remove(c.element) // Remove ignores an element of another list
		r.stubs.Remove(c.element)
	}
	c.element = nil
}

// change calls do, which changes the card, and then updates byPart.
func (r *Reconciler) change(c *card, do func()) {
	old := c.parts()
	do()
	if now := c.parts(); !slices.Equal(old, now) {
		r.unlink(c, old)
		r.link(c, now)
	}
}

func (r *Reconciler) link(c *card, keys []string) {
	for _, key := range keys {
		r.byPart[key] = append(r.byPart[key], c)
	}
}

func (r *Reconciler) unlink(c *card, keys []string) {
	for _, key := range keys {
		cards := r.byPart[key]
		if i := slices.Index(cards, c); i >= 0 {
			cards = slices.Delete(cards, i, i+1)
		}
		if r.byPart[key] = cards; len(cards) == 0 {
			delete(r.byPart, key)
		}
	}
}

// remove removes the card from all indexes and lists.
func (r *Reconciler) remove(c *card) {
	for _, id := range c.ids() {
		delete(r.byID, id)
	}
	for _, rp := range c.reposts {
		delete(r.byRepost, rp.id)
	}
	delete(r.aliases, c.id)
	r.unlink(c, c.parts())
	r.drop(c)
}

// forget removes the oldest cards until the number of known posts is within the limits.
func (r *Reconciler) forget() {
	now := time.Since(r.began)
	for r.stubs.Len() > 0 {
		known, oldest := r.full.Len()+r.stubs.Len(), r.stubs.Back().Value.(*card)
		if known <= r.limits.known || known <= r.limits.most && now-oldest.at < r.limits.time {
			return
		}
		r.remove(oldest)
	}
}

// rendered returns a copy of p as the card shows it: with the card's id and reposters, and
// without quoted content that must not be shown.
func (r *Reconciler) rendered(c *card, p *stream.Post) *stream.Post {
	shown := *p
	shown.ID = c.id
	newest, people := c.reposters()
	shown.RepostedBy, shown.RepostID, shown.Reposts = newest.by, newest.id, people
	shown.Quote, shown.Late = r.quote(c, p.Quote), c.late
	if p.Quoted() != nil {
		c.unquoted = shown.Quoted() == nil
	}
	shown.ReplyTo = r.reply(p.ReplyTo)
	return &shown
}

// compare compares the edit time of p with that of the card's post.
func (c *card) compare(p *stream.Post) int { return cmp.Compare(p.Version().UnixMilli(), c.edited) }

// update emits the card with p as its content, unless nothing changes.
func (r *Reconciler) update(c *card, p *stream.Post) {
	p = r.rendered(c, p)
	if c.post != nil && reflect.DeepEqual(c.post, p) {
		return
	}
	if held, decision, changed := r.judgeEdit(c, p); changed {
		r.move(c, p, held, decision)
		return
	}
	r.show(c, p)
	r.emitPost(stream.Update, c, p)
}

// refresh emits the card again, if its reposters or its quote have changed.
func (r *Reconciler) refresh(c *card) {
	if c.post != nil {
		r.update(c, c.post)
	}
}
