package bluesky

import (
	"slices"
	"strings"
	"time"

	"nagare/stream"
)

// label is a mark on an account or a record, made by its author or by a moderator.
type label struct {
	Source string `json:"src"` // DID of the labeler
	Target string `json:"uri"` // an account's DID or a record's address; empty in a record's own labels
	Val    string `json:"val"`
	Neg    bool   `json:"neg"` // revokes an earlier label
	Made   string `json:"cts"` // time
	Ends   string `json:"exp"` // time; empty: it doesn't expire
}

// labels are the labels of one target. A record contains its author's own labels in this form.
type labels struct {
	Values []label `json:"values"`
}

// coverLabels: a post is covered until the reader asks for it. hideLabels: a post or an author
// is hidden from readers who aren't logged in; on this site no reader is. systemLabels: those
// of the hideLabels that only the network itself sets.
var (
	coverLabels  = []string{"porn", "sexual", "nudity", "graphic-media", "gore", "!warn"}
	hideLabels   = []string{noVisitorsLabel, "!hide", "!takedown"}
	systemLabels = []string{"!hide", "!takedown"}
)

// noVisitorsLabel stands on the profile record, but applies to the whole account: its author
// excludes readers who aren't logged in.
const noVisitorsLabel = "!no-unauthenticated"

// hide reports whether the labels forbid showing their post or account, and why.
func (l labels) hide() (why stream.Reason, hidden bool) {
	if l.any(systemLabels) {
		return stream.ByNetwork, true
	}
	return stream.Unavailable, l.any(hideLabels)
}

// any reports whether one of the labels is among vals and is no revocation.
func (l labels) any(vals []string) bool {
	return slices.ContainsFunc(l.Values, func(l label) bool { return !l.Neg && slices.Contains(vals, l.Val) })
}

// covers reports whether pictures with these labels must be covered or hidden.
func (l labels) covers() bool { return l.any(coverLabels) || l.any(hideLabels) }

// labelsOf returns the labels in force: those of the account, which apply to all of its posts,
// and those of the profile record, which apply to the name and the avatar. Labels of other
// targets are ignored.
func (f *profile) labelsOf(now time.Time) (account, record labels) {
	for _, l := range inForce(f.Labels, now) {
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

// inForce returns the labels that are neither revoked nor expired.
func inForce(all []label, now time.Time) (out []label) {
	for i, l := range all {
		if !l.Neg && !l.ended(now) && !slices.ContainsFunc(all[i+1:], l.revokedBy) && !slices.ContainsFunc(all[:i], l.revokedLater) {
			out = append(out, l)
		}
	}
	return out
}

// ended reports whether the label has expired. A label with an invalid time doesn't expire.
func (l label) ended(now time.Time) bool {
	ends, err := time.Parse(time.RFC3339, l.Ends)
	return err == nil && !now.Before(ends)
}

// revokedBy reports whether other, a later label in the list, revokes l. It does so unless it
// is older than l.
func (l label) revokedBy(other label) bool { return l.isRevocation(other) && !other.before(l) }

// revokedLater reports whether other, an earlier label in the list, revokes l. It does so only
// if it is newer than l.
func (l label) revokedLater(other label) bool { return l.isRevocation(other) && l.before(other) }

// isRevocation reports whether other revokes labels like l: it has the same source, target and
// value.
func (l label) isRevocation(other label) bool {
	return other.Neg && l.Source == other.Source && l.Target == other.Target && l.Val == other.Val
}

// before reports whether l was made before other. It is false if one of the two has no valid
// time.
func (l label) before(other label) bool {
	mine, err := time.Parse(time.RFC3339, l.Made)
	theirs, wrong := time.Parse(time.RFC3339, other.Made)
	return err == nil && wrong == nil && mine.Before(theirs)
}

// nextEnd returns the earliest time after now at which a label expires, but latest if none
// expires before that.
func (f *profile) nextEnd(now, latest time.Time) time.Time {
	for _, l := range f.Labels {
		if ends, err := time.Parse(time.RFC3339, l.Ends); err == nil && ends.After(now) && ends.Before(latest) {
			latest = ends
		}
	}
	return latest
}
