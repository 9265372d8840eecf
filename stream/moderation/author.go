package moderation

import (
	"encoding/json"
	"slices"
	"strings"

	"nagare/stream"
)

// Author is an author whose posts don't wait.
type Author struct {
	Key    string `json:"key,omitempty"` // stream.Author.KeyAt; empty: all authors with the handle, on every network
	Handle string `json:"handle"`        // when the moderator allowed them, in small letters
}

// UnmarshalJSON also reads the handle that an earlier version has stored.
func (a *Author) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &a.Handle) == nil {
		return nil
	}
	type plain Author
	return json.Unmarshal(text, (*plain)(a))
}

// is reports whether it is the author of a post from a network. If the author was allowed before a post by
// them was here, only the network and the handle are known.
func (a Author) is(other *stream.Author, network string) bool {
	handle := &stream.Author{Handle: other.Handle}
	switch a.Key {
	case "":
		return a.Handle == strings.ToLower(other.Handle)
	case other.KeyAt(network), handle.KeyAt(network):
		return true
	}
	return false
}

func (s Settings) withAllowed(a Action) (Settings, error) {
	author := Author{Key: a.Author, Handle: strings.ToLower(strings.TrimPrefix(strings.TrimSpace(a.Value), "@"))}
	if a.Do == Allow && slices.Contains(s.Allowed, author) {
		return s, nil
	}
	s.Allowed = slices.DeleteFunc(slices.Clone(s.Allowed), func(other Author) bool { return other == author })
	if author.Handle == "" || len(s.Allowed) >= mostRules {
		return s, wrong("a handle")
	}
	if a.Do == Allow {
		s.Allowed = append(s.Allowed, author)
	}
	return s, nil
}
