package stream

import "time"

// Kind says what an Op does to the timeline.
type Kind string

// The first three are what happens to a post, and the event names of the channel,
// so that one word follows a post all the way.
const (
	Create  Kind = "create"  // a new post; its ID has not been seen before
	Update  Kind = "update"  // the whole post again, after an edit
	Destroy Kind = "destroy" // the post is gone and must not be shown again
)

// These happen to an author and all of his posts. [Ledger] makes of them what they
// mean for each post.
const (
	AuthorGone   Kind = "author_gone"   // nothing of his may be shown, from now on
	AuthorBack   Kind = "author_back"   // what he writes from now on may be shown
	AuthorUpdate Kind = "author_update" // he has another name, handle or avatar
)

// Withheld happens to a post or, if it names an author, to all of his that are shown:
// it may not be shown in some countries, of which this is none. [Ledger] makes an
// Update of it.
const Withheld Kind = "withheld"

// These are news of the feed itself.
const (
	Status Kind = "status" // it is in another state
	Gap    Kind = "gap"    // what happened between two times was not told
	Lost   Kind = "lost"   // so many posts were left out
)

// Op is one thing that happened: to a post, to an author, or to the feed. As JSON,
// one to a line, it is also the record format that [Replay] reads.
type Op struct {
	Kind Kind      `json:"op"`
	At   time.Time `json:"at"`           // when the source told it
	ID   string    `json:"id,omitempty"` // of the post, or of the repost that brings it

	// Original is the post's id at its network, where the reconciler shows the post again
	// and ID is therefore another one.
	Original string `json:"original,omitempty"`

	Post    *Post    `json:"tweet,omitempty"`   // set on Create and Update
	Earlier []string `json:"earlier,omitempty"` // the post's ids before this edit, where each edit has its own
	Author  *Author  `json:"author,omitempty"`  // set on what happens to an author: his Key and, on AuthorUpdate, the rest
	Reason  Reason   `json:"reason,omitempty"`  // Destroy and AuthorGone: why
	Where   []string `json:"where,omitempty"`   // Withheld: as Post.WithheldIn; none if it may be shown everywhere again
	Notice  *Notice  `json:"notice,omitempty"`  // set on news of the feed
}

// State is how a feed is.
type State string

// The states of a feed.
const (
	Connecting State = "connecting"
	Live       State = "live"
	Waiting    State = "waiting" // until Retry, for Reason
	Stopped    State = "stopped" // for good, for Reason
	Finished   State = "finished"
)

// Notice is news of a feed.
type Notice struct {
	Source  string    `json:"source"`            // its name
	Network string    `json:"network,omitempty"` // what it reads, as Post.Source; empty if the source doesn't say
	State   State     `json:"state,omitempty"`   // Status
	Reason  string    `json:"reason,omitempty"`  // Status and Gap: why, for the operator: it may name hosts and addresses
	Fault   Fault     `json:"fault,omitempty"`   // Status: the class of the Reason, if that is an error, for visitors
	Retry   time.Time `json:"retry,omitzero"`    // Status: when it is tried again
	From    time.Time `json:"from,omitzero"`     // Gap
	To      time.Time `json:"to,omitzero"`       // Gap
	Count   uint64    `json:"count,omitempty"`   // Lost: since the last such notice
}

// authors are all that op names.
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
