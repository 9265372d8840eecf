package bluesky

import (
	"slices"
	"strings"
	"time"

	"nagare/stream"
)

// label is a statement about an account or a record, by its author or a moderator.
type label struct {
	Source string `json:"src"` // DID of the labeler
	Target string `json:"uri"` // an account's DID or a record's address; empty in a record's own labels
	Val    string `json:"val"`
	Neg    bool   `json:"neg"` // it revokes an earlier one
	Made   string `json:"cts"`
	Ends   string `json:"exp"`
}

// labels are the labels of one target. A record has its author's own labels in this form.
type labels struct {
	Values []label `json:"values"`
}

// coverLabels cover a post until the reader asks for it. hideLabels exclude readers who aren't
// logged in, which here are all. systemLabels are those of the two that the network itself sets.
var (
	coverLabels  = []string{"porn", "sexual", "nudity", "graphic-media", "gore", "!warn"}
	hideLabels   = []string{noVisitorsLabel, "!hide", "!takedown"}
	systemLabels = []string{"!hide", "!takedown"}
)

// noVisitorsLabel is on the profile record, but is about the account: its author excludes
// readers who aren't logged in.
const noVisitorsLabel = "!no-unauthenticated"

// hide reports whether the labels exclude the post or account, and why.
func (l labels) hide() (why stream.Reason, hidden bool) {
	if l.any(systemLabels) {
		return stream.ByNetwork, true
	}
	return stream.Unavailable, l.any(hideLabels)
}

// any reports whether one of the labels is among vals.
func (l labels) any(vals []string) bool {
	return slices.ContainsFunc(l.Values, func(l label) bool { return !l.Neg && slices.Contains(vals, l.Val) })
}

// covers reports whether the labels cover pictures, or exclude their target.
func (l labels) covers() bool { return l.any(coverLabels) || l.any(hideLabels) }

// labelsOf returns the labels in force, by target: those of the account, which are about all of
// its posts, and those of its profile record, which are about name and avatar. Labels of other
// targets are ignored.
func (f *profile) labelsOf(now time.Time) (account, record labels) {
	for i, l := range f.Labels {
		if l.Neg || l.ended(now) || slices.ContainsFunc(f.Labels[i+1:], l.revokedBy) || slices.ContainsFunc(f.Labels[:i], l.revokedLater) {
			continue
		}
		switch strings.TrimPrefix(l.Target, "at://") {
		case "", f.DID:
			account.Values = append(account.Values, l)
		case f.DID + "/" + profileCollection + "/self":
			record.Values = append(record.Values, l)
			if l.Val == noVisitorsLabel {
				account.Values = append(account.Values, l)
			}
		}
	}
	return account, record
}

// ended reports whether the label has expired. A label with an invalid time doesn't expire.
func (l label) ended(now time.Time) bool {
	ends, err := time.Parse(time.RFC3339, l.Ends)
	return err == nil && !now.Before(ends)
}

// revokedBy reports whether a label that follows l in the list revokes it: one that is not older.
func (l label) revokedBy(other label) bool { return l.sameAs(other) && !other.before(l) }

// revokedLater reports whether a label that precedes l in the list revokes it: one that is newer.
func (l label) revokedLater(other label) bool { return l.sameAs(other) && l.before(other) }

// sameAs reports whether other is a revocation of the same statement.
func (l label) sameAs(other label) bool {
	return other.Neg && l.Source == other.Source && l.Target == other.Target && l.Val == other.Val
}

// before reports whether l is older than other, as far as both have a time.
func (l label) before(other label) bool {
	mine, err := time.Parse(time.RFC3339, l.Made)
	theirs, wrong := time.Parse(time.RFC3339, other.Made)
	return err == nil && wrong == nil && mine.Before(theirs)
}

// nextEnd returns the earliest time at which one of the labels expires, or latest.
func (f *profile) nextEnd(now, latest time.Time) time.Time {
	for _, l := range f.Labels {
		if ends, err := time.Parse(time.RFC3339, l.Ends); err == nil && ends.After(now) && ends.Before(latest) {
			latest = ends
		}
	}
	return latest
}
