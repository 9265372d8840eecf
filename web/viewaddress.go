package web

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"nagare/hub"
	"nagare/templates"
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
	values := map[string]string{}
	_, terms := v.query.Needs()
	for _, term := range terms {
		kind, value, _ := strings.Cut(term, ":")
		values[kind] = value
	}
	switch v.Kind {
	case templates.ByAuthor:
		return authorPath(values["source"], values["from"])
	case templates.FromSource:
		return "/source/" + url.PathEscape(values["source"])
	case templates.InLanguage:
		return "/lang/" + url.PathEscape(values["lang"])
	}
	return "/tag/" + url.PathEscape(values["tag"])
}
