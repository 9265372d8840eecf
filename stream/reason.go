package stream

// Reason says why a post is no longer shown.
type Reason string

// The reasons of a [Destroy] and of an [AuthorGone]. Readers are told them, so a source
// names one only if its network says so; else it is [Unavailable].
const (
	ByAuthor    Reason = "author"      // the author deleted the post, or the account
	ByNetwork   Reason = "network"     // the network took it down, or withholds it in our country
	ByModerator Reason = "moderator"   // a moderator of this site removed it
	Expired     Reason = "expired"     // the network's terms bound how long it may be shown
	Unwanted    Reason = "filtered"    // it exists, but is not, or no longer, what this site shows
	Unavailable Reason = "unavailable" // it can no longer be seen, and nobody said why
)

// known is r, or Unavailable if r is none of the reasons, as in the recordings of other versions.
func (r Reason) Known() Reason {
	switch r {
	case ByAuthor, ByNetwork, ByModerator, Expired, Unwanted:
		return r
	}
	return Unavailable
}

// withoutRepost is why a post goes with the last repost that brought it, which ended for
// the reason r. Only an expiry is about the post itself, too.
func (r Reason) WithoutRepost() Reason {
	if r == Expired {
		return Expired
	}
	return Unwanted
}
