package stream

import "time"

// Kind is the kind of an [Op].
type Kind string

// What happens to a post. The server uses the same names for the events that it sends to
// browsers.
const (
	Create  Kind = "create"  // a new post
	Update  Kind = "update"  // an edited post, in full
	Destroy Kind = "destroy" // the post must not be shown any more
)

// What happens to an author and to all their posts. The reconciler turns such an op into ops
// on the posts.
const (
	AuthorGone   Kind = "author_gone"   // posts by the author must not be shown any more
	AuthorBack   Kind = "author_back"   // the author has returned: only new posts are shown
	AuthorUpdate Kind = "author_update" // the author has another name, handle or avatar
)

// Withheld means that some countries must not see a post or, if the op names an author, any
// post by that author. The country of our audience is not among them. The reconciler turns the
// op into an Update of each post.
const Withheld Kind = "withheld"

// What a moderator decides about a post or, if a Hide or a Restore names an author, about all posts of
// that author. The reconciler turns the op into a [Destroy] and a [Create] of each card that becomes
// public or is no longer so: one of the two is public, the other one is for moderators only.
const (
	Hide    Kind = "hide"    // the post must not be shown any more, unless it is shown again by a Show
	Show    Kind = "show"    // the post may be shown
	Restore Kind = "restore" // the post returns to the state that it had before the last Hide or Show
)

// Decides reports whether ops of this kind are decisions of moderators.
func (k Kind) Decides() bool { return k == Hide || k == Show || k == Restore }

// Held says that a card is for moderators only, and why.
type Held string

// The reasons why a card is held.
const (
	Pending Held = "waiting" // for the approval of a moderator
	Hidden  Held = "hidden"  // by a moderator or by a rule
)

// Decision is what put a card into its state.
type Decision struct {
	Why    string    `json:"why"`              // "rule", "author", "moderator" …, with details after a colon
	Author string    `json:"author,omitempty"` // Key of the author whose block decided
	By     string    `json:"by,omitempty"`     // the moderator's name; empty if a rule decided
	At     time.Time `json:"at,omitzero"`
}

// What happens to a source.
const (
	Status Kind = "status" // the source is in another state
	Gap    Kind = "gap"    // the source missed what happened between two times
	Lost   Kind = "lost"   // posts were dropped from a full queue
)

// Op is one thing that happened to a post, to an author, or to a source. A recording has one
// op per line, as JSON.
type Op struct {
	Kind Kind      `json:"op"`
	At   time.Time `json:"at"`           // when the source reported the op
	ID   string    `json:"id,omitempty"` // of the post or, if a repost brought the post, of the repost

	// Original is the id of the post at its network. It is set only if ID differs, because the
	// post was removed once and is now shown again under a new id.
	Original string `json:"original,omitempty"`

	// Names and State are for an archive of the cards: by Names it finds a card, and from State
	// the reconciler restores it. They are not recorded.
	Names []string `json:"-"`
	State []byte   `json:"-"`

	// Held is set on the ops of a card that is not public. Nothing of them may reach the public.
	Held     Held     `json:"-"`
	Decision Decision `json:"-"` // of Hide, Show and Restore, and of ops with Held

	Post    *Post    `json:"tweet,omitempty"`   // set on Create and Update
	Earlier []string `json:"earlier,omitempty"` // ids of earlier versions of Post, at networks where each edit has its own id
	Author  *Author  `json:"author,omitempty"`  // set on ops on authors: only the Key, or all fields on AuthorUpdate
	Reason  Reason   `json:"reason,omitempty"`  // of Destroy and AuthorGone
	Where   []string `json:"where,omitempty"`   // of Withheld: as Post.WithheldIn; empty: no longer withheld
	Notice  *Notice  `json:"notice,omitempty"`  // set on ops about a source
}

// State is the state of a source.
type State string

// The states of a source.
const (
	Connecting State = "connecting"
	Live       State = "live"
	Silent     State = "silent"  // connected, but no posts come: because of Notice.Reason or, without a Fault, because there were none yet
	Waiting    State = "waiting" // until Notice.Retry, because of Notice.Reason
	Stopped    State = "stopped" // for good, because of Notice.Reason
	Finished   State = "finished"
)

// Notice is what an op says about a source.
type Notice struct {
	Source  string    `json:"source"`            // the name of the source
	Network string    `json:"network,omitempty"` // as Post.Source; empty if unknown
	State   State     `json:"state,omitempty"`   // of Status
	Reason  string    `json:"reason,omitempty"`  // of Status and Gap: for the operator only; can contain addresses
	Fault   Fault     `json:"fault,omitempty"`   // of Status: the class of the error, for visitors; empty: no error
	Retry   time.Time `json:"retry,omitzero"`    // of Status: the time of the next attempt
	From    time.Time `json:"from,omitzero"`     // of Gap: start of the missed time
	To      time.Time `json:"to,omitzero"`       // of Gap: end of the missed time
	Count   uint64    `json:"count,omitempty"`   // of Lost: posts dropped since the last Lost notice
}

// Authors returns all authors in op: its Author, and the authors and reposters of its post and
// of the quoted post.
func (op Op) Authors() []*Author {
	var all []*Author
	if op.Author != nil {
		all = append(all, op.Author)
	}
	for t := op.Post; t != nil; t = t.Quoted() {
		if all = append(all, &t.Author); t.RepostedBy != nil {
			all = append(all, t.RepostedBy)
		}
	}
	return all
}
