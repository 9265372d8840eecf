package mastodon

import (
	"slices"

	"nagare/stream"
	"nagare/stream/fold"
)

const (
	mostTags   = 50  // in one post
	longestTag = 200 // in bytes
)

// hashtag is a hashtag of a post, in the text or only in the list of hashtags.
type hashtag struct {
	Name string `json:"name"` // normalized: in lower case, without accents
	URL  string `json:"url"`
}

// tagMatcher returns a function that reports whether a link is one of the hashtags, by the
// address or the name of the link. This is needed because not all servers mark such links in
// the HTML.
func tagMatcher(tags []hashtag) func(href, name string) bool {
	urls, names := map[string]bool{}, map[string]bool{}
	for _, t := range tags[:min(len(tags), mostTags)] {
		urls[t.URL], names[fold.Tag(t.Name)] = true, true
	}
	delete(urls, "")
	delete(names, "")
	return func(href, name string) bool { return urls[href] || names[fold.Tag(name)] }
}

// hasTag reports whether the server tags the post with the hashtag. Every post has the empty one.
func (s *status) hasTag(name string) bool {
	return name == "" || slices.ContainsFunc(s.Tags, func(t hashtag) bool { return fold.Tag(t.Name) == fold.Tag(name) })
}

// tagsBeside returns the names of the hashtags that the text doesn't contain.
func tagsBeside(text []stream.Segment, tags []hashtag) []string {
	seen := map[string]bool{"": true}
	for _, s := range text {
		if s.Kind == stream.Hashtag {
			seen[fold.Tag(s.Text)] = true
		}
	}
	var names []string
	for _, t := range tags[:min(len(tags), mostTags)] {
		if name := fold.Tag(t.Name); !seen[name] && len(t.Name) <= longestTag {
			seen[name] = true
			names = append(names, t.Name)
		}
	}
	return names
}
