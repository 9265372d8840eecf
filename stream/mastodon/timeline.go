package mastodon

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"nagare/stream/internal/text"
)

// timeline has the addresses at which a timeline is read: as a stream, and in pages.
type timeline struct {
	stream    string     // path of the stream, after /api/v1/streaming/
	query     url.Values // of the stream
	pages     string     // path of the pages, after /api/v1/timelines/
	pageQuery url.Values
}

// parseTimeline returns the addresses of a timeline by its name.
func parseTimeline(name string) (timeline, error) {
	tag, isTag := strings.CutPrefix(name, "#")
	list, isList := strings.CutPrefix(name, "list:")
	switch {
	case name == "" || name == "public":
		return timeline{stream: "public", pages: "public"}, nil
	case name == "public:local":
		return timeline{stream: "public/local", pages: "public", pageQuery: url.Values{"local": {"true"}}}, nil
	case name == "public:remote":
		return timeline{stream: "public/remote", pages: "public", pageQuery: url.Values{"remote": {"true"}}}, nil
	case name == "user":
		return timeline{stream: "user", pages: "home"}, nil
	case isTag && isPlainID(tag):
		return timeline{stream: "hashtag", pages: "tag/" + url.PathEscape(tag), query: url.Values{"tag": {tag}}}, nil
	case isList && isPlainID(list):
		return timeline{stream: "list", pages: "list/" + url.PathEscape(list), query: url.Values{"list": {list}}}, nil
	}
	return timeline{}, fmt.Errorf("mastodon: %q is not a timeline, want public, public:local, public:remote, #hashtag, list:ID or user", text.Truncate(name, 60))
}

// isPlainID reports whether s can be one segment of a path: it has no slash, for instance.
func isPlainID(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/?# \t\r\n")
}

// isTimeline reports whether s is a valid value of Source.Timeline.
func isTimeline(s string) bool {
	_, err := parseTimeline(s)
	return err == nil
}

// parseServer parses the address of a server. The error doesn't contain the address, which may
// contain a password.
func parseServer(address string) (*url.URL, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || text.WebAddress(address) == "" || strings.Trim(u.Path, "/")+u.RawQuery != "" {
		return nil, errors.New("mastodon: the server's address is invalid, want one like https://mastodon.example")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}, nil
}
