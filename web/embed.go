package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"

	"nagare/stream"
	"nagare/stream/query"
	"nagare/templates"
	"nagare/web/oembed"
)

// embedder serves oEmbed. It routes the address that a request asks about as the site does.
type embedder struct {
	*data
	pages *http.ServeMux
}

func newEmbedder(d *data) *embedder {
	e := &embedder{d, http.NewServeMux()}
	for _, pattern := range viewPatterns {
		e.pages.HandleFunc(pattern, e.view)
	}
	e.pages.HandleFunc(permalinkPattern, e.post)
	e.pages.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { e.refuse(w, http.StatusNotFound) })
	return e
}

type boundsKey struct{}

func (e *embedder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := newParams(r, "url", "maxwidth", "maxheight", "format")
	p.noOthers()
	bounds := oembed.Bounds{Width: p.number("maxwidth", 1, 10_000, 0), Height: p.number("maxheight", 1, 10_000, 0)}
	target := e.target(p, r)
	switch {
	case p.values.Has("format") && p.values.Get("format") != "json":
		e.refuse(w, http.StatusNotImplemented)
	case p.refused(w):
	case target == nil:
		e.refuse(w, http.StatusNotFound)
	default:
		about := r.WithContext(context.WithValue(r.Context(), boundsKey{}, bounds))
		about.Method, about.URL = http.MethodGet, target
		e.pages.ServeHTTP(w, about)
	}
}

// target returns the address that the request asks about, or nil if it is none of this site.
func (e *embedder) target(p *params, r *http.Request) *url.URL {
	given := p.values.Get("url")
	if given == "" {
		p.fault("url", "missing, want the address of a page of this site")
		return nil
	}
	u, err := url.Parse(given)
	if err != nil || u.User != nil {
		return nil
	}
	origin, valid := CanonicalOrigin(u.Scheme + "://" + u.Host)
	own, _ := CanonicalOrigin(e.config.origin(r))
	if u.Host != "" && (!valid || afterScheme(origin) != afterScheme(own)) || u.Opaque != "" || !strings.HasPrefix(u.Path+"/", "/") {
		return nil
	}
	if u.Path == "" {
		u.Path = homePath
	}
	if escaped := u.EscapedPath(); path.Clean(escaped) != escaped { // the router would redirect
		return nil
	}
	return &url.URL{Scheme: r.URL.Scheme, Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
}

// afterScheme returns an origin without its scheme: http and https lead to the same site.
func afterScheme(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return host
}

func (e *embedder) refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, strings.ToLower(http.StatusText(status)), status)
}

// view answers about a page of posts.
func (e *embedder) view(w http.ResponseWriter, r *http.Request) {
	v, err := viewOf(r, e.timeline.publisher.networks)
	if err != nil {
		e.refuse(w, http.StatusNotFound)
		return
	}
	title := e.config.Site
	if v.Text != "" {
		title = v.Text + " · " + title
	}
	e.send(w, r, oembed.Link(title, e.config.Site, e.config.origin(r)+homePath))
}

// post answers about a post.
func (e *embedder) post(w http.ResponseWriter, r *http.Request) {
	found, err := e.timeline.post(r.PathValue("id"))
	switch {
	case errors.Is(err, errAway):
		w.Header().Set("Retry-After", "6")
		e.refuse(w, http.StatusServiceUnavailable)
	case err != nil:
		e.refuse(w, http.StatusNotFound)
	case !e.config.OpenData.passes(found.index):
		e.refuse(w, http.StatusUnauthorized)
	default:
		e.quote(w, r, found)
	}
}

// quote answers with a quotation of a post. Of a post whose author asks not to be listed elsewhere, the
// answer has only the name of the author.
func (e *embedder) quote(w http.ResponseWriter, r *http.Request, post entry) {
	var p payload
	if err := json.Unmarshal(post.data, &p); err != nil {
		panic(err) // a bug: an event can't be decoded. The middleware recovered logs it
	}
	origin := e.config.origin(r)
	if post.has(query.NoIndex) {
		e.send(w, r, oembed.Link(p.author(), e.config.Site, origin+homePath))
		return
	}
	content, err := templates.Portable(p.HTML, origin)
	if err != nil {
		panic(err) // reading from a string can't fail
	}
	bounds, _ := r.Context().Value(boundsKey{}).(oembed.Bounds)
	link := oembed.Link(p.title(content), e.config.Site, origin+homePath)
	e.send(w, r, link.Quoted(oembed.Post{
		URL: origin + postPath(p.ID), Author: p.author(), Lang: p.Lang, Text: stream.CutText(content.Text, longestQuotation), Published: p.CreatedAt,
	}, bounds))
}

// longestQuotation is the length of the part of a text that is quoted, in bytes.
const longestQuotation = 1000

func (e *embedder) send(w http.ResponseWriter, r *http.Request, answer oembed.Response) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	newDocument(body).serve(w, r, "application/json")
}
