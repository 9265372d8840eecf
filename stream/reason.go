package stream

// Reason is why a post is no longer shown.
type Reason string

// The reasons of a [Destroy] and of an [AuthorGone]. Readers are told them, so a source
// names one only if its network says so; else it is [Unavailable].
const (
	ByAuthor    Reason = "author"      // the author deleted the post, or the account
	ByNetwork   Reason = "network"     // the network took it down, or withholds it in our country
	ByModerator Reason = "moderator"   // a moderator of this site removed it
	Expired     Reason = "expired"     // the network's terms bound how long it may be shown
	Unwanted    Reason = "filtered"    // it exists, but is not, or no longer, what this site shows
	Unavailable Reason = "unavailable" // it can no longer be seen, and the network doesn't say why
)

// Known is r, or Unavailable if r is unknown, as in recordings of other versions.
func (r Reason) Known() Reason {
	switch r {
	case ByAuthor, ByNetwork, ByModerator, Expired, Unwanted:
		return r
	}
	return Unavailable
}

// WithoutRepost is why a post is removed together with its last repost, which ended for
// the reason r. Only an expiry is about the post itself too.
func (r Reason) WithoutRepost() Reason {
	if r == Expired {
		return Expired
	}
	return Unwanted
}
