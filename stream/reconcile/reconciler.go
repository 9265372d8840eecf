// Package reconcile merges what all sources report into one card for each post.
//
// It promises:
//
//   - the order and the number of reports make no difference to the posts that are shown:
//     TestReconciler_ComesToTheSameInAnyOrder
//   - a deleted post is never shown again: TestReconciler_NeverShowsADeletedPost
//   - its memory is bounded: TestReconciler_KnowsABoundedNumberOfPosts,
//     TestReconciler_TakesHalfAKilobyteForAPost
package reconcile

import (
	"container/list"
	"sync"
	"time"

	"nagare/stream"
	"nagare/stream/internal/recent"
)

const (
	// fullPosts is how many posts are kept in full, so that they can be emitted again with a
	// change: those emitted last. A hub must not keep more.
	fullPosts = 1_000

	// knownPosts are known by their ids, for at least knownTime. If more arrive in that time,
	// up to mostPosts are.
	knownPosts = 50_000
	knownTime  = 10 * time.Minute
	mostPosts  = 200_000

	// mostTombstones is how many destroyed posts, and how many authors, are remembered.
	mostTombstones = 100_000
)

// Reconciler is between all sources and the timeline: it deduplicates, orders and keeps
// tombstones. Networks report things twice, late, in the wrong order or under other ids.
// The reconciler turns that into what happens to a card: [stream.Create] once, then
// [stream.Update], then [stream.Destroy], always with the ID of its Post. After a Destroy,
// an id is never used again. A Destroy has a [stream.Reason].
//
//   - A known post is not created again, an unknown one is not updated, and an older edit
//     never replaces a newer one.
//   - A destroyed post stays destroyed, even if the destroy arrived first. It is also
//     removed from the posts that quote it.
//   - All versions of a post, where each edit has an id of its own, are one card, and a
//     destroy of any version destroys the card.
//   - A post and its reposts are one card. A repost of a post that is shown doesn't
//     move the card: it becomes an update, by which the card names the newest reposter
//     and counts the others. A repost that is undone leaves the name and the count.
//     If the last of them is undone, the card is destroyed, unless the post arrived
//     by itself too.
//   - Of a removed author nothing is shown: no post, no repost, no quote. If the author
//     returns, earlier posts don't.
//   - An author's new name appears everywhere.
//   - An edit appears wherever the post is quoted.
//
// News of sources pass unchanged. Of ops on authors nothing else is emitted.
type Reconciler struct {
	emit    func(stream.Op) error
	isShown func(id string) bool

	mu          sync.Mutex         // held while emit is called, so that the order is kept
	byID        map[string]*card   // by every id of the post
	byRepost    map[string]*card   // by the repost's id
	byPart      map[string][]*card // by author, reposter, quoted post and quoted author
	full        *list.List         // of *card, the one emitted last in front
	stubs       *list.List         // cards without their posts, older than those
	tombstones  *recent.Set        // destroyed posts and reposts
	goneAuthors *recent.Set        // keys of removed authors
	usedIDs     *recent.Set        // ids of destroyed cards whose posts may still be shown, under another id
	aliases     map[string]bool    // ids of cards that differ from those of their posts
	limits      limits
	began       time.Time

	at  time.Time     // of the current op
	why stream.Reason // of the current op, if it ends posts
	out []stream.Op   // ops to emit
}

type limits struct {
	full, known, most int
	time              time.Duration
}

// New makes an empty reconciler. If isShown is not nil, it is asked whether an unknown post
// is shown nevertheless, because another process published it; it must not call the
// reconciler.
func New(emit func(stream.Op) error, isShown func(id string) bool) *Reconciler {
	if isShown == nil {
		isShown = func(string) bool { return false }
	}
	return &Reconciler{
		emit: emit, isShown: isShown,
		byID: map[string]*card{}, byRepost: map[string]*card{}, byPart: map[string][]*card{}, aliases: map[string]bool{},
		full: list.New(), stubs: list.New(),
		tombstones: recent.New(mostTombstones), goneAuthors: recent.New(mostTombstones), usedIDs: recent.New(mostTombstones),
		limits: limits{full: fullPosts, known: knownPosts, most: mostPosts, time: knownTime},
		began:  time.Now(),
	}
}

// Emit applies op and emits the result, which may be no op, or many. It returns the error
// of emit. It may be called by several goroutines at once; the ops of each are applied in
// order. Posts that went in or came out must not be changed.
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
	r.at, r.why, r.out = op.At, op.Reason.Known(), r.out[:0]
	switch {
	case op.Notice != nil:
		r.out = append(r.out, op)
	case op.Kind == stream.Destroy:
		r.destroy(op)
	case op.Kind == stream.Withheld:
		r.withheld(op)
	case op.Author != nil:
		r.author(op)
	case op.Post == nil || op.Post.ID == "":
	case op.Kind == stream.Create && op.ID != op.Post.ID:
		r.repost(op)
	case op.Kind == stream.Create || op.Kind == stream.Update:
		r.post(op)
	}
	return r.out
}

// emitPost emits the whole post of a card.
func (r *Reconciler) emitPost(kind stream.Kind, c *card, p *stream.Post) {
	r.out = append(r.out, stream.Op{Kind: kind, At: r.at, ID: c.id, Original: c.original, Post: p})
}

// emitDestroy emits that a card is no longer shown, and why.
func (r *Reconciler) emitDestroy(c *card, why stream.Reason) {
	r.out = append(r.out, stream.Op{Kind: stream.Destroy, At: r.at, ID: c.id, Original: c.original, Reason: why})
}
