// Package feed writes lists of posts as Atom (RFC 4287) and as JSON Feed 1.1.
//
// It owns the two formats: their elements, dates, ids and escaping. It leaves to others which
// posts are in a feed, their content as HTML, and HTTP.
//
// It promises:
//   - A feed has what its format requires: TestAtom_HasWhatRFC4287Requires,
//     TestJSON_HasWhatJSONFeedRequires.
//   - No text of a post becomes markup of the feed: TestAtom_EscapesEveryText.
//   - The id of a post is the same in every feed of every process: TestID_IsStable.
package feed

import (
	"time"

	"github.com/google/uuid"
)

// Feed is a list of posts. All addresses are absolute.
type Feed struct {
	Title string
	Home  string    // of the page with these posts; also the id of the feed
	Self  string    // of the feed
	Next  string    // of the feed with the next older posts; empty if there are none
	Lang  string    // of the title
	Empty time.Time // the time of the newest change, if the feed has no items
	Items []Item    // newest first
}

// Item is a post. A string that is not known is empty.
type Item struct {
	ID        string // as ID returns it
	URL       string // of the post's page on this site
	Original  string // of the post at its network
	Title     string
	HTML      string
	Lang      string // BCP 47
	Author    Author
	Published time.Time
	Edited    time.Time // zero if the post was never edited
}

// Author is the author of a post. The name is not empty.
type Author struct {
	Name, URL, Avatar string
}

// ID returns an id for a name that is unique, such as the id of a post at its network: a UUID of
// version 5 (RFC 9562).
func ID(name string) string { return uuid.NewSHA1(names, []byte(name)).URN() }

// names is the namespace of the ids. It never changes: readers show a post with another id again.
var names = uuid.MustParse("6f0b2f0c-43b2-4d0e-9a57-2f6a8f3f1d63")

// updated is the time of the newest change of the feed.
func (f Feed) updated() time.Time {
	newest := time.Time{}
	for _, item := range f.Items {
		if at := item.updated(); at.After(newest) {
			newest = at
		}
	}
	if newest.IsZero() {
		return f.Empty
	}
	return newest
}

func (i Item) updated() time.Time {
	if i.Edited.After(i.Published) {
		return i.Edited
	}
	return i.Published
}
