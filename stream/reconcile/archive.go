package reconcile

import (
	"encoding/json"
	"math"
	"slices"
	"time"

	"nagare/stream"
)

// Archive holds the cards that were shown, also those that the reconciler has forgotten, for
// example because they are from before a restart. It may lag behind what the reconciler has just
// emitted. Its methods must not call the reconciler.
type Archive interface {
	// Find returns the cards whose ID or Op.Names include one of the names, oldest first,
	// destroyed ones too.
	Find(names ...string) []Saved

	// Newest returns the newest n cards that are shown, oldest first.
	Newest(n int) []Saved

	// KeepsState reports whether the archive keeps Op.State.
	KeepsState() bool
}

// Saved is a card in an archive, as of the last op with its ID.
type Saved struct {
	ID        string
	Names     []string // Op.Names
	State     []byte   // Op.State; nil if the archive doesn't keep it
	Destroyed bool
}

// state is Op.State: everything that makes a card, as JSON.
type state struct {
	Original string           `json:"original,omitempty"`
	Name     string           `json:"name"`
	Others   []string         `json:"others,omitempty"`
	Own      bool             `json:"own,omitempty"`
	Late     bool             `json:"late,omitempty"`
	Unquoted bool             `json:"unquoted,omitempty"`
	Reposts  []savedRepost    `json:"reposts,omitempty"`
	Dropped  int              `json:"dropped,omitempty"`
	Post     *stream.Post     `json:"post"`
	ByPost   []string         `json:"withheld_post,omitempty"`
	ByAuthor []string         `json:"withheld_author,omitempty"`
	Withheld bool             `json:"withheld,omitempty"`
	Held     stream.Held      `json:"held,omitempty"`
	Decision *stream.Decision `json:"decision,omitempty"`
	Earlier  *heldState       `json:"earlier,omitempty"`
}

type savedRepost struct {
	ID    string         `json:"id,omitempty"`
	By    *stream.Author `json:"by,omitempty"`
	Older int32          `json:"older,omitempty"`
	Held  bool           `json:"held,omitempty"`
}

// names are all names by which an archive must find the card: the ids of the post and of its
// reposts, and the parts of the card.
func (c *card) names() []string {
	names := append(c.parts(), c.ids()...)
	for _, rp := range c.reposts {
		if rp.id != "" {
			names = append(names, rp.id)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// encode returns the state of the card.
func (c *card) encode() []byte {
	s := state{
		Original: c.original, Name: c.name, Others: c.others, Own: c.own, Late: c.late, Unquoted: c.unquoted,
		Dropped: c.droppedReposts, Post: c.post,
	}
	for _, rp := range c.reposts {
		s.Reposts = append(s.Reposts, savedRepost{rp.id, rp.by, rp.older, rp.held})
	}
	s.Held, s.Decision, s.Earlier = c.held, c.decision, c.earlier
	if c.withheld != nil {
		s.Withheld, s.ByPost, s.ByAuthor = true, c.withheld.post, c.withheld.author
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // posts always encode
	}
	return b
}

// SavedPost returns the post in a state, or nil if there is none.
func SavedPost(saved []byte) *stream.Post {
	var s struct {
		Post *stream.Post `json:"post"`
	}
	_ = json.Unmarshal(saved, &s) // of what is no state, there is no post
	return s.Post
}

// SavedName returns the name of the post in a state, which is the same in all cards of the post.
func SavedName(saved []byte) string {
	var s state
	_ = json.Unmarshal(saved, &s)
	return s.Name
}

// SavedIDs returns all ids of the post in a state.
func SavedIDs(saved []byte) []string {
	var s state
	_ = json.Unmarshal(saved, &s)
	return append([]string{s.Name}, s.Others...)
}

// recall adds the cards that an op may change and that only the archive has.
func (r *Reconciler) recall(op stream.Op) {
	if r.archive == nil {
		return
	}
	if !r.preloaded {
		r.preloaded = true
		r.restore(r.archive.Newest(r.limits.full))
	}
	clear(r.shown)
	if names := r.concerned(op); len(names) > 0 {
		r.restore(r.archive.Find(names...))
	}
}

// concerned returns the names of the posts and authors that an op concerns, without those for
// which memory has all that is needed. A version and a deletion also change the posts that quote
// the post, and a new name those that name the author; memory may not know all of these.
func (r *Reconciler) concerned(op stream.Op) (names []string) {
	switch {
	case op.Kind == stream.Destroy:
		return slices.Compact(append(slices.Clone(op.Earlier), op.ID, firstID(op.ID)))
	case op.ID != "" && (op.Kind == stream.Withheld || op.Kind.Decides() && op.Author == nil):
		return slices.Compact([]string{op.ID, firstID(op.ID)})
	case op.Author != nil && op.Author.Key != "" && op.Kind != stream.AuthorBack:
		return []string{op.Author.Key}
	case op.Post == nil || op.Kind != stream.Create && op.Kind != stream.Update:
		return nil
	}
	edited := op.Kind == stream.Update || len(op.Earlier) > 0 || !op.Post.EditedAt.IsZero()
	for _, id := range append(slices.Clone(op.Earlier), op.ID, op.Post.ID) {
		if edited || !r.knows(id) || r.policy != nil && r.isStub(id) {
			names = append(names, id)
		}
	}
	if q := op.Post.Quote; q != nil && !r.knows(q.ID) {
		names = append(names, q.ID)
	}
	return names
}

// knows reports whether memory has the card of a post, or its tombstone.
func (r *Reconciler) knows(id string) bool {
	return id == "" || r.byID[id] != nil || r.byRepost[id] != nil || r.tombstones.Has(id)
}

// isStub reports whether memory has only the ids of a post. A policy compares a new version with its content.
func (r *Reconciler) isStub(id string) bool { return r.byID[id] != nil && r.byID[id].post == nil }

// restore adds cards of the archive. Memory has precedence, because it is newer.
func (r *Reconciler) restore(all []Saved) {
	for _, saved := range all {
		switch {
		case saved.Destroyed:
			r.restoreTombstone(saved)
		case len(saved.State) == 0:
			r.shown[saved.ID] = true
		default:
			r.restoreCard(saved)
		}
	}
}

// restoreTombstone adds the tombstones of a destroyed card. If the card's own id is not among
// them, the post may be shown again, under another id.
func (r *Reconciler) restoreTombstone(saved Saved) {
	if !slices.Contains(saved.Names, saved.ID) {
		r.usedIDs.Add(saved.ID)
	}
	for _, id := range saved.Names {
		if r.byID[id] == nil {
			r.tombstones.Add(id)
		}
	}
}

func (r *Reconciler) restoreCard(saved Saved) {
	var s state
	if err := json.Unmarshal(saved.State, &s); err != nil || s.Post == nil {
		r.shown[saved.ID] = true
		return
	}
	s.Post.Late = s.Late
	known := r.byID[s.Name]
	switch {
	case known != nil && known.id == saved.ID && known.post == nil:
		r.showAgain(known, s.Post)
	case known == nil && !r.tombstones.Has(s.Name) && !r.usedIDs.Has(saved.ID):
		c := r.newSavedCard(saved.ID, s)
		c.at = longAgo
		r.showAgain(c, s.Post)
	}
}

// longAgo is when a card was emitted that memory has from the archive only.
const longAgo = time.Duration(math.MinInt64) / 2

// showAgain makes p the content of a card that is not emitted now.
func (r *Reconciler) showAgain(c *card, p *stream.Post) {
	at := c.at
	r.show(c, p)
	c.at = at
}

// newSavedCard adds a card of the archive, without its content.
func (r *Reconciler) newSavedCard(id string, s state) *card {
	c := &card{
		id: id, original: s.Original, name: s.Name, author: s.Post.Author.KeyAt(s.Post.Source),
		own: s.Own, late: s.Late, unquoted: s.Unquoted, droppedReposts: s.Dropped,
	}
	c.held, c.decision, c.earlier = s.Held, s.Decision, s.Earlier
	if s.Withheld {
		c.withheld = &withheldIn{post: s.ByPost, author: s.ByAuthor}
	}
	if c.original != "" {
		r.aliases[c.id] = c
	}
	r.byID[c.name] = c
	r.addIDs(c, s.Others)
	for _, rp := range s.Reposts {
		c.reposts = append(c.reposts, repost{id: rp.ID, by: rp.By, older: rp.Older, held: rp.Held})
		if rp.ID != "" {
			r.byRepost[rp.ID] = c
		}
	}
	r.link(c, c.parts())
	return c
}

func (r *Reconciler) keepsState() bool { return r.archive != nil && r.archive.KeepsState() }

// isArchived reports whether the archive has a card of that id.
func (r *Reconciler) isArchived(id string) bool {
	return r.archive != nil && slices.ContainsFunc(r.archive.Find(id), func(s Saved) bool { return s.ID == id })
}
