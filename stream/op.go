package stream

import "time"

// Kind is what an Op does.
type Kind string

// What happens to a post. These are also the names of the channel's events.
const (
	Create  Kind = "create"  // a new post
	Update  Kind = "update"  // the whole post again, after an edit
	Destroy Kind = "destroy" // the post must not be shown any more
)

// What happens to an author and all their posts. The reconciler turns these into what they
// mean for each post.
const (
	AuthorGone   Kind = "author_gone"   // nothing by the author may be shown from now on
	AuthorBack   Kind = "author_back"   // posts that the author writes from now on may be shown
	AuthorUpdate Kind = "author_update" // the author has another name, handle or avatar
)

// Withheld happens to a post or, if the op names an author, to all posts by that author:
// some countries, but not ours, may not see it. The reconciler turns it into an Update.
const Withheld Kind = "withheld"

// News of a source.
const (
	Status Kind = "status" // it is in another state
	Gap    Kind = "gap"    // what happened between two times was missed
	Lost   Kind = "lost"   // posts were dropped
)

// Op is one thing that happened: to a post, to an author, or to a source. As JSON, one to
// a line, it is also the format of recordings.
type Op struct {
	Kind Kind      `json:"op"`
	At   time.Time `json:"at"`           // when the source reported it
	ID   string    `json:"id,omitempty"` // of the post, or of the repost that brings it

	// Original is the post's id at its network if ID is another one, because the post was
	// shown, taken away and is shown again.
	Original string `json:"original,omitempty"`

	Post    *Post    `json:"tweet,omitempty"`   // set on Create and Update
	Earlier []string `json:"earlier,omitempty"` // ids of the post before this edit, where each edit has an id of its own
	Author  *Author  `json:"author,omitempty"`  // set on what happens to an author: the Key and, on AuthorUpdate, the rest
	Reason  Reason   `json:"reason,omitempty"`  // of Destroy and AuthorGone
	Where   []string `json:"where,omitempty"`   // of Withheld: as Post.WithheldIn; empty if it may be shown everywhere again
	Notice  *Notice  `json:"notice,omitempty"`  // set on news of a source
}

// State is the state of a source.
type State string

// The states of a source.
const (
	Connecting State = "connecting"
	Live       State = "live"
	Waiting    State = "waiting" // until Retry, because of Reason
	Stopped    State = "stopped" // for good, because of Reason
	Finished   State = "finished"
)

// Notice is news of a source.
type Notice struct {
	Source  string    `json:"source"`            // its name
	Network string    `json:"network,omitempty"` // as Post.Source; empty if the source doesn't say
	State   State     `json:"state,omitempty"`   // of Status
	Reason  string    `json:"reason,omitempty"`  // of Status and Gap, for the operator: it may name hosts and addresses
	Fault   Fault     `json:"fault,omitempty"`   // of Status: the class of the Reason, if that is an error, for visitors
	Retry   time.Time `json:"retry,omitzero"`    // of Status: the time of the next attempt
	From    time.Time `json:"from,omitzero"`     // of Gap
	To      time.Time `json:"to,omitzero"`       // of Gap
	Count   uint64    `json:"count,omitempty"`   // of Lost: since the last such notice
}

// Authors are all authors that op names.
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
