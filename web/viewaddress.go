package web

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"nagare/hub"
	"nagare/stream/query"
)

// clause returns a clause of a query.
func clause(prefix, value string) string {
	if strings.ContainsFunc(value, unicode.IsSpace) {
		return prefix + `"` + value + `"`
	}
	return prefix + value
}

// authorPath returns the path of the view of an author's posts. The source is empty if it isn't known.
func authorPath(source, handle string) string {
	if source == "" {
		return "/by/" + url.PathEscape(handle)
	}
	return "/by/" + url.PathEscape(source) + "/" + url.PathEscape(handle)
}

// pathOf returns the path of the view of the posts that match a query, or "" if it has no path of its own.
func pathOf(q query.Query) string {
	_, terms := q.Needs()
	values := map[string]string{}
	for _, term := range terms {
		kind, value, _ := strings.Cut(term, ":")
		values[kind] = value
	}
	tag, lang, source, handle := values["tag"], values["lang"], values["source"], values["from"]
	switch q.String() {
	case clause("from:", handle), clause("from:", handle) + " " + clause("source:", source):
		if inPath(handle) && (source == "" || inPath(source)) {
			return authorPath(source, handle)
		}
	case clause("source:", source):
		if inPath(source) {
			return "/source/" + url.PathEscape(source)
		}
	case clause("lang:", lang):
		return langPath(lang)
	case clause("#", tag):
		return tagPath("#" + tag)
	}
	return ""
}

// langPath returns the path of the view of the posts in a language, or "" if the tag isn't one of a language.
func langPath(tag string) string {
	if !query.IsLanguage(strings.ToLower(tag)) {
		return ""
	}
	return "/lang/" + tag
}

// base returns the address of the newest posts of the view, followed by the transport of the view.
func (v view) base() string {
	if v.transport != "" {
		return with(v.address(), transportParam, v.transport)
	}
	return v.address()
}

func (v view) address() string {
	if v.path != homePath || v.Text == "" {
		return v.path
	}
	return v.path + "?" + queryParam + "=" + url.QueryEscape(v.Text)
}

// with returns the address of a page of the view that a further parameter selects.
func (v view) with(param, value string) string { return with(v.base(), param, value) }

// with returns the address with a further parameter.
func with(address, param, value string) string {
	if strings.Contains(address, "?") {
		return address + "&" + param + "=" + value
	}
	return address + "?" + param + "=" + value
}

// here returns the address of the page.
func (v view) here() string {
	switch {
	case !v.at.IsZero():
		return v.with(atParam, moment(v.at))
	case v.before != hub.Position{}:
		return v.with(beforeParam, v.before.String())
	}
	return v.base()
}

// moment returns a time as the address of a view has it.
func moment(at time.Time) string {
	if at.Truncate(time.Minute).Equal(at) {
		return at.UTC().Format(minuteLayout)
	}
	return at.UTC().Format(time.RFC3339)
}

// canonicalHere returns one address of the page for all spellings of it. A page that begins at a
// position has that of the newest posts, because other positions show nearly the same posts.
func (v view) canonicalHere() string {
	if v.at.IsZero() {
		return v.canonical()
	}
	return with(v.canonical(), atParam, moment(v.at))
}

// canonical returns one address of the newest posts for all spellings of the view's address.
func (v view) canonical() string {
	if v.path == homePath {
		v.Text = v.query.String()
		return v.address()
	}
	return pathOf(v.query)
}
