package bluesky

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// isDID reports whether s is the permanent name of an author, like did:plc:abc123.
func isDID(s string) bool {
	rest, ok := strings.CutPrefix(s, "did:")
	method, id, found := strings.Cut(rest, ":")
	if !ok || !found || len(s) > 256 || method == "" || id == "" || strings.HasSuffix(id, ":") || strings.HasSuffix(id, "%") {
		return false
	}
	for i := range len(method) {
		if method[i] < 'a' || method[i] > 'z' {
			return false
		}
	}
	return consistsOf(id, "._:%-")
}

// isRecordKey reports whether s can be the key of a record in its collection.
func isRecordKey(s string) bool {
	return s != "" && len(s) <= 512 && s != "." && s != ".." && consistsOf(s, "._:~-")
}

// isCID reports whether s can be the CID of a file: the hash of its content.
func isCID(s string) bool { return s != "" && len(s) <= 128 && consistsOf(s, "") }

// consistsOf reports whether s has only ASCII letters, digits and the characters in others.
func consistsOf(s, others string) bool {
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte(others, c) >= 0 {
			continue
		}
		return false
	}
	return true
}

// shortDID is shown in place of a handle that is unknown.
func shortDID(did string) string { return text.Truncate(did, 16) }

// profileURL is the address of an author's page. A percent sign in a DID is part of the name,
// so it is escaped.
func profileURL(did string) string { return "https://bsky.app/profile/" + url.PathEscape(did) }

func postURL(did, rkey string) string { return profileURL(did) + "/post/" + rkey }

func tagURL(tag string) string { return "https://bsky.app/hashtag/" + url.PathEscape(tag) }

// The most characters of an address after its host that are shown, and how many of a longer one.
const (
	longestPath   = 15
	shortenedPath = 13
)

// shortAddress is the text of a segment. If it is a link whose text is an address, the address
// is shortened as Bluesky's own app does: without the scheme, and with the first characters of
// a long path.
func shortAddress(seg stream.Segment) string {
	if seg.Kind != stream.Link || !strings.HasPrefix(seg.Text, "http") || strings.ContainsAny(seg.Text, " \n") {
		return seg.Text
	}
	scheme, rest, ok := strings.Cut(seg.Text, "://")
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	if !ok || host == "" || scheme != "http" && scheme != "https" {
		return seg.Text
	}
	path := strings.TrimPrefix(rest, host)
	switch {
	case path == "/":
		return host
	case utf8.RuneCountInString(path) > longestPath:
		return host + text.Truncate(path, shortenedPath)
	}
	return rest
}

// atURI is a parsed address of a record: at://did/collection/rkey.
type atURI struct{ did, collection, rkey string }

func parseATURI(s string) (atURI, bool) {
	rest, ok := strings.CutPrefix(s, "at://")
	did, rest, _ := strings.Cut(rest, "/")
	collection, rkey, _ := strings.Cut(rest, "/")
	return atURI{did, collection, rkey}, ok && isDID(did) && isRecordKey(rkey)
}

// page is the address of the web page that shows the record, or "" if there is none.
func (u atURI) page() string {
	switch u.collection {
	case postCollection:
		return postURL(u.did, u.rkey)
	case "app.bsky.feed.generator":
		return profileURL(u.did) + "/feed/" + u.rkey
	case "app.bsky.graph.list":
		return profileURL(u.did) + "/lists/" + u.rkey
	case "app.bsky.graph.starterpack":
		return "https://bsky.app/starter-pack/" + url.PathEscape(u.did) + "/" + u.rkey
	case "app.bsky.labeler.service":
		return profileURL(u.did)
	}
	return ""
}

// name is the CID of the file, or "" if that is missing or invalid.
func (b blob) name() string {
	for _, cid := range []string{b.Ref.Link, b.CID} {
		if isCID(cid) {
			return cid
		}
	}
	return ""
}

// image is the address of the picture. Size is avatar, feed_thumbnail or feed_fullsize.
func (b blob) image(did, size string) string {
	if b.name() == "" {
		return ""
	}
	return "https://cdn.bsky.app/img/" + size + "/plain/" + url.PathEscape(did) + "/" + b.name() + "@jpeg"
}

// still is the address of the still picture of a video.
func (b blob) still(did string) string {
	if b.name() == "" {
		return ""
	}
	return "https://video.bsky.app/watch/" + url.QueryEscape(did) + "/" + b.name() + "/thumbnail.jpg"
}
