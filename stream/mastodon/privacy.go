package mastodon

import (
	"cmp"
	"encoding/json"

	"nagare/stream"
)

// A post is public only if every field about its readers says so. The streams also contain
// posts that the public must not see, because the token belongs to a member of the server.
// Forks of Mastodon mark some of these posts in fields of their own, and set visibility to
// "public", which old clients expect. A visibility that this program doesn't know counts as
// private.

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

// restriction is a field that restricts a post to some readers. Any value except null and false
// counts as a restriction.
type restriction bool

// UnmarshalJSON accepts any type.
func (r *restriction) UnmarshalJSON(data []byte) error {
	*r = string(data) != "null" && string(data) != "false"
	return nil
}

// audience is a second visibility, in addition to the field visibility; empty if it is absent
// or null.
type audience string

// UnmarshalJSON accepts any type. A value that is no string becomes an unknown visibility,
// which counts as private.
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

// parts are the posts that are shown with s: s itself, the boosted post and the quoted post.
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

// withdraw marks as deleted those parts of s that were public and no longer are, and returns
// their ids. Such a part is never shown again, even if its author makes it public once more.
func (v view) withdraw(index *statusIndex, s *status) (keys []string) {
	for _, part := range s.parts() {
		if !v.isPublic(part) && index.has(part.ID) {
			key, _ := index.delete(part.ID, stream.Unavailable)
			keys = append(keys, key)
		}
	}
	return keys
}
