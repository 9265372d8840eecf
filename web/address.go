package web

import (
	"net/url"
	"path"
	"strings"

	"nagare/stream/fold"
	"nagare/stream/query"
	"nagare/stream/weburl"
)

// linkAddress returns raw in a form that is safe in an href. It returns "" unless raw is an
// absolute http or https address without a user name.
func linkAddress(raw string) string { return weburl.Clean(raw) }

// imageAddress returns raw in a form that is safe in a src. It returns "" unless raw is an https
// address, or the path of one of the site's static files or of its avatar.
func imageAddress(raw string) string {
	if raw == avatarPath {
		return raw
	}
	if strings.HasPrefix(raw, "/static/") {
		return ownFile(raw)
	}
	if address := weburl.Clean(raw); strings.HasPrefix(address, "https:") {
		return address
	}
	return ""
}

// ownFile returns the path of a static file of the site, or "" if the path contains dot segments.
func ownFile(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host != "" || path.Clean(u.Path) != u.Path || strings.Contains(u.Path, `\`) {
		return ""
	}
	if escaped := u.EscapedPath(); len(escaped) <= weburl.Longest {
		return escaped
	}
	return ""
}

// longestTag is the most bytes of a hashtag that has a view. Its query has quotation marks around the
// name if that has spaces.
const longestTag = query.MaxBytes - len(`#""`)

// tagPath returns the path of the view of a hashtag, or "" if there is no such view: for symbols of
// shares such as $X, for tags that are too long for a query or contain a quotation mark, and for
// names such as "..", which browsers take out of paths.
func tagPath(text string) string {
	name, ok := strings.CutPrefix(text, "#")
	if !ok {
		name, ok = strings.CutPrefix(text, "＃")
	}
	if !ok || len(name) > longestTag || !inPath(name) {
		return ""
	}
	return "/tag/" + url.PathEscape(name)
}

// longestAuthor is the most bytes of a network and a handle that have a view.
const longestAuthor = query.MaxBytes - len(`from:"" source:""`)

// authorPage returns the path of the view of an author's posts on a network, or "" if there is no such view.
func authorPage(source, handle string) string {
	if len(source)+len(handle) > longestAuthor || !inPath(source) || !inPath(handle) {
		return ""
	}
	return authorPath(source, handle)
}

// inPath reports whether the path of a view can have a name: a quotation mark would end it in a query.
func inPath(name string) bool {
	return strings.Trim(name, ".") != "" && oneLine(name) == name && !strings.Contains(fold.Text(name), `"`)
}
