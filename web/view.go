package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nagare/hub"
	"nagare/stream/fold"
	"nagare/stream/query"
	"nagare/templates"
)

// view is what an address of the site shows: all posts or those that match a query, and of these the
// newest or those before a moment.
type view struct {
	templates.View
	path   string       // of the address
	query  query.Query  // the zero Query: all posts
	before hub.Position // the posts are before it; zero: the newest
	at     time.Time    // the posts arrived before it; zero: the newest
	after  hub.Position // the page to find ends with the posts that follow it; zero: no page is to be found

	transport string // by which the script is to follow, if the address says so
}

// The parameters of the address of a view.
const (
	queryParam     = "q"
	beforeParam    = "before"
	atParam        = "at"
	afterParam     = "after"
	transportParam = "transport" // the script reads it
)

var (
	errView   = errors.New("web: no view is at this address")
	errMoment = errors.New("want a time as in at=2026-11-29T14:00Z")
)

// viewPatterns are the patterns for http.ServeMux of the paths of views.
var viewPatterns = []string{homePath + "{$}", "/tag/{tag}", "/by/{handle}", "/by/{source}/{handle}", "/source/{source}", "/lang/{lang}"}

// viewOf returns the view at the address of a request, which one of viewPatterns matches. The error
// is errView, errMoment, errPosition, or a *query.Error about the reader's query. With each except
// errView, the view is valid as far as it has been read.
func viewOf(r *http.Request, all networkList) (view, error) {
	v, err := pathView(r, all)
	if err != nil {
		return v, err
	}
	params := r.URL.Query()
	if params.Get(transportParam) == "poll" {
		v.transport = "poll"
	}
	if v.path == homePath {
		v.Text = strings.Join(strings.Fields(clean(params.Get(queryParam))), " ")
		if v.query, err = query.Parse(v.Text); err != nil || !v.query.IsZero() {
			v.Kind = templates.Matching
			v.nameTerm(all)
		} else {
			v.Text = ""
		}
	}
	return v, cmp.Or(err, v.setMoment(params))
}

// pathView returns the view that the path of a request stands for.
func pathView(r *http.Request, all networkList) (v view, err error) {
	v.path = homePath
	tag, lang, source, handle := r.PathValue("tag"), r.PathValue("lang"), r.PathValue("source"), r.PathValue("handle")
	v.Source = all.get(source).Name
	switch {
	case tag != "":
		v.Kind, v.Value, v.Text, v.path = templates.Tagged, tag, clause("#", tag), "/tag/"+url.PathEscape(tag)
	case lang != "":
		v.Kind, v.Value, v.Text, v.path = templates.InLanguage, lang, clause("lang:", lang), "/lang/"+url.PathEscape(lang)
	case handle != "":
		v.Kind, v.Value, v.path = templates.ByAuthor, strings.TrimPrefix(handle, "@"), authorPath(source, handle)
		v.Text = clause("from:", handle)
		if source != "" {
			v.Text += " " + clause("source:", source)
		}
	case source != "":
		v.Kind, v.Value, v.Text, v.path = templates.FromSource, source, clause("source:", source), "/source/"+url.PathEscape(source)
	}
	v.query, err = query.Parse(v.Text)
	values := tag + lang + source + handle
	if err != nil || oneLine(values) != values || strings.Contains(fold.Text(values), `"`) { // a quotation mark would end a value
		return v, errView
	}
	return v, nil
}

// nameTerm gives a view whose query is a single term the heading of that term. An author has one, too, if
// their network isn't known.
func (v *view) nameTerm(all networkList) {
	term := v.query.Term()
	kind, value, _ := strings.Cut(term, ":")
	switch kind {
	case "tag":
		v.Kind, v.Value = templates.Tagged, value
	case "lang":
		v.Kind, v.Value = templates.InLanguage, value
	case "from":
		v.Kind, v.Value = templates.ByAuthor, value
	case "source":
		v.Kind, v.Value, v.Source = templates.FromSource, value, all.get(value).Name
	case "has", "is":
		v.Kind = templates.ViewKind("view-" + term)
	}
}

// setMoment sets the moment that the posts precede.
func (v *view) setMoment(params url.Values) (err error) {
	if at := params.Get(atParam); at != "" {
		v.at, err = parseMoment(at)
		return err
	}
	for name, position := range map[string]*hub.Position{beforeParam: &v.before, afterParam: &v.after} {
		if text := params.Get(name); text != "" {
			if *position, err = hub.ParsePosition(text); err != nil {
				return errPosition
			}
		}
	}
	return nil
}

// parseMoment reads a time of RFC 3339, in which the seconds can be missing.
func parseMoment(text string) (time.Time, error) {
	text = strings.ReplaceAll(text, " ", "+") // in the query of an address, a plus sign stands for a space
	for _, layout := range []string{minuteLayout, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil && writable(at) == at && !at.IsZero() {
			return at.UTC(), nil
		}
	}
	return time.Time{}, errMoment
}

const minuteLayout = "2006-01-02T15:04Z07:00"
