// Package reconcile merges what all sources report into one card for each post.
//
// It promises:
//
//   - in whatever order ops arrive, and however often each, the same posts are shown:
//     TestReconciler_ShowsTheSamePostsInWhateverOrderOpsArrive
//   - a deleted post is never shown again: TestReconciler_NeverShowsADeletedPost
//   - its memory is bounded: TestReconciler_RemembersABoundedNumberOfPosts,
//     TestReconciler_TakesAboutHalfAKilobyteForAnOldPost
//   - with an archive, deletions and edits reach all cards that were ever shown, and a restart
//     changes nothing: TestArchive_ARestartChangesNoStory
package reconcile

import (
	"cmp"
	"container/list"
	"strings"
	"sync"
	"time"

	"nagare/stream"
	"nagare/stream/internal/recent"
)

const (
	// fullPosts is how many posts are kept in full, those emitted last, so that they can be
	// emitted again with a change. The hub must not show more posts than this: the others
	// would keep an old author's name or quote.
	fullPosts = 1_000

	// knownPosts is how many posts are known at least by their ids. A post is known for at
	// least knownTime, unless more than mostPosts arrive in that time.
	knownPosts = 50_000
	knownTime  = 10 * time.Minute
	mostPosts  = 200_000

	// mostTombstones is how many destroyed posts are remembered, and how many removed authors.
	mostTombstones = 100_000
)

// Reconciler stands between all sources and the timeline: it deduplicates and orders ops, and
// keeps tombstones. Networks report things twice, late, in the wrong order or under other ids.
// The reconciler turns these reports into the life of a card: one [stream.Create], then any
// number of [stream.Update], then one [stream.Destroy], which has a [stream.Reason]. All ops
// of a card have the same ID, which is also the ID of its Post. After the Destroy, that ID is
// never used again.
//
//   - A known post is not created again, an unknown one is not updated, and an older edit
//     never replaces a newer one.
//   - A destroyed post stays destroyed, even if the destroy arrived before the post. The post
//     is also removed from the posts that quote it.
//   - At networks where each edit has an id of its own, all versions of a post are one card,
//     and a destroy of any version destroys the card.
//   - A post and its reposts are one card. A repost of a post that already has a card doesn't
//     move the card: an update adds the new reposter to the count, and names that person.
//   - When a repost is undone, its reposter is no longer named or counted. When the last
//     repost is undone, the card is destroyed, unless the post has also arrived by itself or is hidden.
//   - Posts, reposts and quotes of a removed author are not shown. If the author returns,
//     only new posts are shown.
//   - An author's new name appears in all posts, reposts, quotes and replies that are kept in
//     full. A reply to a removed author doesn't name that author.
//   - An edit also appears in the posts that quote the edited post.
//
// A card can be held: its ops then are for moderators only, and have [stream.Op.Held]. See
// [Policy], [stream.Hide], [stream.Show] and [stream.Restore].
//
// Notices of sources pass unchanged. Ops on authors are not passed on: only the resulting
// changes of cards are emitted.
type Reconciler struct {
	emit    func(stream.Op) error
	archive Archive // nil: what memory forgets is unknown
	policy  Policy  // nil: all cards are public

	mu          sync.Mutex         // also held while emit is called, so that ops are emitted in order
	byID        map[string]*card   // by every id of the post
	byRepost    map[string]*card   // by the repost's id
	byPart      map[string][]*card // by author, reposter, quoted post, quoted author and author of the parent
	full        *list.List         // of *card: cards with their posts, the last emitted in front
	stubs       *list.List         // of *card: cards whose posts are no longer kept, older than those in full
	tombstones  *recent.Set        // destroyed posts and reposts
	goneAuthors *recent.Set        // keys of removed authors
	usedIDs     *recent.Set        // ids of destroyed cards; a post that is shown again gets another id
	aliases     map[string]*card   // by the card's id, if it differs from the post's id
	limits      limits
	began       time.Time
	preloaded   bool            // the newest cards of the archive are in memory
	shown       map[string]bool // cards that the archive has of the current op, without their state

	at    time.Time     // time of the current op
	why   stream.Reason // reason of the current op, if that op ends posts
	edits bool          // the current op is an edit
	out   []stream.Op   // ops to emit
}

type limits struct {
	full, known, most int
	time              time.Duration
}

// New makes a reconciler. If archive is not nil, the reconciler asks it about posts that the
// reconciler doesn't know, or has in part only.
func New(emit func(stream.Op) error, archive Archive) *Reconciler {
	return &Reconciler{
		emit: emit, archive: archive, shown: map[string]bool{},
		byID: map[string]*card{}, byRepost: map[string]*card{}, byPart: map[string][]*card{}, aliases: map[string]*card{},
		full: list.New(), stubs: list.New(),
		tombstones: recent.New(mostTombstones), goneAuthors: recent.New(mostTombstones), usedIDs: recent.New(mostTombstones),
		limits: limits{full: fullPosts, known: knownPosts, most: mostPosts, time: knownTime},
		began:  time.Now(),
	}
}

// SkipPreload makes the reconciler look up each post that an op concerns, and not the newest posts before the
// first op: it passes few ops.
func (r *Reconciler) SkipPreload() { r.preloaded = true }

// Emit applies op and emits the resulting ops, if there are any. It returns the error of emit.
// Several goroutines can call Emit at once; the ops of each goroutine are applied in order.
// Nobody may change a post that was passed to Emit or to emit.
func (r *Reconciler) Emit(op stream.Op) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, op := range r.apply(op) {
		if err := r.emit(op); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reconciler) apply(op stream.Op) []stream.Op {
	clear(r.out)
	r.at, r.why, r.edits, r.out = op.At, op.Reason.Known(), op.Kind == stream.Update, r.out[:0]
	r.recall(op)
	switch {
	case op.Notice != nil:
		r.out = append(r.out, op)
	case op.Kind == stream.Destroy:
		r.destroy(op)
	case op.Kind == stream.Withheld:
		r.withheld(op)
	case op.Kind.Decides():
		r.decide(op)
	case op.Author != nil:
		r.author(op)
	case op.Post == nil || op.Post.ID == "":
	case op.Kind == stream.Create && op.ID != op.Post.ID:
		r.repost(op)
	case op.Kind == stream.Create || op.Kind == stream.Update:
		r.post(op)
	}
	r.evict()
	return r.out
}

// postID returns an id of the post whose card has that id, or had it before: see rename. An op can name a
// post by the id of its card, for example because a moderator has seen that id on the page. Any other id is
// returned unchanged.
func (r *Reconciler) postID(id string) string {
	switch c := r.aliases[id]; {
	case r.byID[id] != nil:
		return id
	case c != nil:
		return c.name
	case r.byID[firstID(id)] != nil:
		return firstID(id)
	}
	return id
}

// firstID returns the id that a card had before it got another one.
func firstID(id string) string { return strings.TrimRight(id, "~") }

// emitPost emits that the card now shows the post p.
func (r *Reconciler) emitPost(kind stream.Kind, c *card, p *stream.Post) {
	op := stream.Op{Kind: kind, At: r.at, ID: c.id, Original: c.original, Post: p, Held: c.held, Decision: c.decided()}
	if r.keepsState() {
		op.Names, op.State = c.names(), c.encode()
	}
	r.out = append(r.out, op)
}

// emitDestroy emits that a card is no longer shown, and why. The op names all versions of the
// post, so that the recorder erases them. After a restart, the archive has these tombstones.
func (r *Reconciler) emitDestroy(c *card, why stream.Reason, tombstones []string) {
	op := stream.Op{Kind: stream.Destroy, At: r.at, ID: c.id, Original: c.original, Reason: why, Held: c.held}
	for _, id := range c.ids() {
		if id != cmp.Or(c.original, c.id) && id != "" {
			op.Earlier = append(op.Earlier, id)
		}
	}
	op.Names = tombstones
	r.out = append(r.out, op)
}
