package mastodon

import (
	"cmp"
	"encoding/json"

	"nagare/stream"
)

// A post is public only if every field about its readers says so. The token is of a member
// of the server, so the streams contain posts that the public may not see. Forks of Mastodon
// mark some of those in fields of their own, and leave visibility at "public" for the sake of
// old clients. A value that is unknown here counts as private.

// isPublic reports whether everybody may see a post.
func (v view) isPublic(s *status) bool {
	return !bool(s.LocalOnly) && !bool(s.MisskeyLocalOnly) && v.isOpen(s.Visibility) &&
		(s.Audience == "" || v.isOpen(string(s.Audience)))
}

func (v view) isOpen(visibility string) bool {
	switch visibility {
	case "public":
		return true
	case "unlisted", "public_unlisted":
		return v.unlisted
	}
	return false
}

// restriction is a field that restricts a post to some readers, unless it is absent, null
// or false.
type restriction bool

// UnmarshalJSON accepts any type.
func (r *restriction) UnmarshalJSON(data []byte) error {
	*r = string(data) != "null" && string(data) != "false"
	return nil
}

// audience is a second visibility; empty if it is absent or null.
type audience string

// UnmarshalJSON accepts any type. A value that is no string is an unknown visibility.
func (a *audience) UnmarshalJSON(data []byte) error {
	var text *string
	switch err := json.Unmarshal(data, &text); {
	case err != nil:
		*a = "unknown"
	case text != nil:
		*a = audience(*text)
	}
	return nil
}

// parts are the posts that a reader of s sees: s itself, the boosted and the quoted post.
func (s *status) parts() []*status {
	parts := []*status{s}
	if s.Reblog != nil {
		parts = append(parts, s.Reblog)
	}
	if q := cmp.Or(s.Reblog, s).quote; q != nil && q.Status != nil && q.Status.valid() {
		parts = append(parts, q.Status)
	}
	return parts
}

// withdraw deletes the parts of s from the index that were public and no longer are, and
// returns their ids. They are not shown again, even if they become public once more.
func (v view) withdraw(index *statusIndex, s *status) (keys []string) {
	for _, part := range s.parts() {
		if !v.isPublic(part) && index.has(part.ID) {
			key, _ := index.delete(part.ID, stream.Unavailable)
			keys = append(keys, key)
		}
	}
	return keys
}
