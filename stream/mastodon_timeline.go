package stream

import (
	"fmt"
	"net/url"
	"strings"
)

// mastoTimeline is where a server has a timeline: as a stream, and as pages.
type mastoTimeline struct {
	stream, pages string     // paths, the first below /api/v1/streaming, the second below /api/v1/timelines
	query         url.Values // of the stream
	pageQuery     url.Values
}

// parseTimeline says where a timeline is.
func parseTimeline(name string) (mastoTimeline, error) {
	tag, isTag := strings.CutPrefix(name, "#")
	list, isList := strings.CutPrefix(name, "list:")
	switch {
	case name == "" || name == "public":
		return mastoTimeline{stream: "public", pages: "public"}, nil
	case name == "public:local":
		return mastoTimeline{stream: "public/local", pages: "public", pageQuery: url.Values{"local": {"true"}}}, nil
	case name == "public:remote":
		return mastoTimeline{stream: "public/remote", pages: "public", pageQuery: url.Values{"remote": {"true"}}}, nil
	case name == "user":
		return mastoTimeline{stream: "user", pages: "home"}, nil
	case isTag && plainID(tag):
		return mastoTimeline{stream: "hashtag", pages: "tag/" + url.PathEscape(tag), query: url.Values{"tag": {tag}}}, nil
	case isList && plainID(list):
		return mastoTimeline{stream: "list", pages: "list/" + url.PathEscape(list), query: url.Values{"list": {list}}}, nil
	}
	return mastoTimeline{}, fmt.Errorf("mastodon: %q is no timeline; one is public, public:local, public:remote, #hashtag, list:ID or user", cutRunes(name, 60))
}

// plainID reports whether there is something, and no sign that would make another
// path of it.
func plainID(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/?# \t\r\n")
}

// mastoServer reads the address of a server.
func mastoServer(address string) (*url.URL, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || webAddress(address) == "" || strings.Trim(u.Path, "/")+u.RawQuery != "" {
		return nil, fmt.Errorf("mastodon: no server at this address; one looks like https://mastodon.example")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}, nil
}
