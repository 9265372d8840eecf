package mastodon

import (
	"fmt"
	"net/url"
	"strings"

	"nagare/stream/internal/text"
)

// mastoTimeline is where a server has a timeline: as a stream, and as pages.
type timeline struct {
	stream, pages string     // paths, the first below /api/v1/streaming, the second below /api/v1/timelines
	query         url.Values // of the stream
	pageQuery     url.Values
}

// parseTimeline says where a timeline is.
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
	return timeline{}, fmt.Errorf("mastodon: %q is no timeline; one is public, public:local, public:remote, #hashtag, list:ID or user", text.Truncate(name, 60))
}

// plainID reports whether there is something, and no sign that would make another
// path of it.
func isPlainID(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/?# \t\r\n")
}

// mastoServer reads the address of a server.
func parseServer(address string) (*url.URL, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || text.WebAddress(address) == "" || strings.Trim(u.Path, "/")+u.RawQuery != "" {
		return nil, fmt.Errorf("mastodon: no server at this address; one looks like https://mastodon.example")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}, nil
}

// IsTimeline reports whether s has the form of a Timeline of [Mastodon].
func IsTimeline(s string) bool {
	_, err := parseTimeline(s)
	return err == nil
}
