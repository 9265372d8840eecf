package stream

// Reason is why a post is no longer shown.
type Reason string

// The reasons of a [Destroy] and of an [AuthorGone]. Readers are told the reason. A source
// therefore gives a specific one only if its network states it, and [Unavailable] otherwise.
const (
	ByAuthor    Reason = "author"      // the author deleted the post, or their account
	ByNetwork   Reason = "network"     // the network took the post down, or withholds it in our country
	ByModerator Reason = "moderator"   // a moderator of this site removed the post
	Expired     Reason = "expired"     // the network's terms limit how long a post is shown, and that time is over
	Unwanted    Reason = "filtered"    // the post exists, but this site doesn't show such posts, or no longer does
	Unavailable Reason = "unavailable" // the post can no longer be seen, and the network doesn't say why
)

// Known returns r, or [Unavailable] if r is not among the reasons above, as in recordings by
// another version of this program.
func (r Reason) Known() Reason {
	switch r {
	case ByAuthor, ByNetwork, ByModerator, Expired, Unwanted:
		return r
	}
	return Unavailable
}

// WithoutRepost returns why a card is removed whose last repost ended for the reason r. Only
// [Expired] applies to the post too. Any other r is about the repost alone, and the post is
// then [Unwanted].
func (r Reason) WithoutRepost() Reason {
	if r == Expired {
		return Expired
	}
	return Unwanted
}
