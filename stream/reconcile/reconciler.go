package reconcile

import (
	"container/list"
	"sync"
	"time"

	"nagare/stream"
	"nagare/stream/internal/recent"
)

const (
	// wholePosts is how many posts the ledger holds with all that is in them, so
	// that what was said about them can be said again, changed: those emitted last.
	// A hub must not keep more.
	wholePosts = 1_000

	// knownPosts, for at least knownTime, are known by their ids. If more come in
	// that time, mostPosts is the end.
	knownPosts = 50_000
	knownTime  = 10 * time.Minute
	mostPosts  = 200_000

	// deadIDs is how many posts, and how many authors, are remembered as gone.
	deadIDs = 100_000
)

// Ledger stands between all sources and the timeline, and keeps the book of what is
// shown. What networks tell twice, too late, in the wrong order or by other ids
// becomes what happens to a card: [Create] once, then [Update], then [Destroy],
// always with the ID of its Post. After a Destroy that id never comes again. A Destroy
// has a [Reason].
//
//   - A post that is known is not created again, an unknown one not updated, and no
//     edit undone by an older one.
//   - What is destroyed stays dead, also if the destroy came first, and it vanishes
//     from the quotes of others.
//   - All versions of a post, where each edit has an id of its own, are one card,
//     and a destroy of any destroys it.
//   - A post and its reposts are one card. A repost of a post that is shown doesn't
//     move the card: it becomes an update, by which the card names the newest reposter
//     and counts the others. A repost that is undone leaves the name and the count.
//     Where the last of them is undone, the card is destroyed, unless the post arrived
//     by itself too.
//   - Of an author who is gone nothing is shown: no post, no repost, no quote. If he
//     comes back, what he wrote before doesn't.
//   - An author's new name appears wherever he is shown.
//
//   - An edit appears wherever the post is quoted.
//
// News of a feed pass through. Of ops on authors nothing else is emitted.
type Reconciler struct {
	emit func(stream.Op) error
	kept func(id string) bool

	mu          sync.Mutex         // held while emit is called, so that the order is kept
	names       map[string]*card   // by every id of the post
	reposts     map[string]*card   // by the repost's id
	parts       map[string][]*card // by author, reposter, quoted post and quoted author
	whole       *list.List         // of *card, the one emitted last in front
	bare        *list.List         // those older than that
	tombstones  *recent.Set        // posts and reposts that were destroyed
	goneAuthors *recent.Set        // authors
	withdrawn   *recent.Set        // ids under which a post must not be shown again, though it may be
	again       map[string]bool    // ids of cards whose posts were shown before, under their own ids
	limits      limits
	began       time.Time

	at  time.Time     // of the op that is applied
	why stream.Reason // of the op that is applied, if it takes posts away
	out []stream.Op   // what it has come to
}

type limits struct {
	whole, known, most int
	time               time.Duration
}

// NewLedger makes a ledger that has seen nothing. Kept, if not nil, is asked about
// posts that it doesn't know whether they are shown nevertheless, by what another
// process has published; it must not call the ledger.
func New(emit func(stream.Op) error, kept func(id string) bool) *Reconciler {
	if kept == nil {
		kept = func(string) bool { return false }
	}
	return &Reconciler{
		emit: emit, kept: kept,
		names: map[string]*card{}, reposts: map[string]*card{}, parts: map[string][]*card{}, again: map[string]bool{},
		whole: list.New(), bare: list.New(),
		tombstones: recent.New(deadIDs), goneAuthors: recent.New(deadIDs), withdrawn: recent.New(deadIDs),
		limits: limits{whole: wholePosts, known: knownPosts, most: mostPosts, time: knownTime},
		began:  time.Now(),
	}
}

// Emit enters op and emits what it comes to, which may be nothing or many ops. It
// returns the error of emit. It may be called from several goroutines at once; the
// ops of each are applied in order, and nobody may change a Post that went in or
// came out.
func (l *Reconciler) Emit(op stream.Op) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, op := range l.apply(op) {
		if err := l.emit(op); err != nil {
			return err
		}
	}
	return nil
}

func (l *Reconciler) apply(op stream.Op) []stream.Op {
	clear(l.out)
	l.at, l.why, l.out = op.At, op.Reason.Known(), l.out[:0]
	switch {
	case op.Notice != nil:
		l.out = append(l.out, op)
	case op.Kind == stream.Destroy:
		l.destroy(op)
	case op.Kind == stream.Withheld:
		l.withheld(op)
	case op.Author != nil:
		l.author(op)
	case op.Post == nil || op.Post.ID == "":
	case op.Kind == stream.Create && op.ID != op.Post.ID:
		l.repost(op)
	case op.Kind == stream.Create || op.Kind == stream.Update:
		l.post(op)
	}
	return l.out
}

// emitPost emits the whole post of a card.
func (l *Reconciler) emitPost(kind stream.Kind, c *card, t *stream.Post) {
	l.out = append(l.out, stream.Op{Kind: kind, At: l.at, ID: c.id, Original: c.again, Post: t})
}

// emitDestroy emits that a card is no longer shown, and why.
func (l *Reconciler) emitDestroy(c *card, why stream.Reason) {
	l.out = append(l.out, stream.Op{Kind: stream.Destroy, At: l.at, ID: c.id, Original: c.again, Reason: why})
}
