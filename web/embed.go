package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	p := newParams(r, "url", "maxwidth", "maxheight", "format") // sites add others, such as dnt
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
		about.URL = target
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
	encoded(oembed.Link(title, e.config.Site, e.config.origin(r)+homePath)).serve(w, r, "application/json")
}

// errClosed is returned for a post that is not passed on.
var errClosed = errors.New("web: the post is not passed on")

// post answers about a post.
func (e *embedder) post(w http.ResponseWriter, r *http.Request) {
	id, origin, channel := r.PathValue("id"), e.config.origin(r), e.timeline.channel
	bounds, _ := r.Context().Value(boundsKey{}).(oembed.Bounds)
	key := pageKey{address: fmt.Sprintf("%s %s %q %v", oembedPath, origin, id, bounds)}
	doc, err := e.answers.get(r.Context(), key, channel.Tip, func(context.Context) (renderedPage, error) {
		tip := channel.Tip()
		answer, err := e.quotation(id, origin, bounds)
		if err != nil {
			return renderedPage{}, err
		}
		return renderedPage{encoded(answer), tip, false}, nil
	})
	switch {
	case errors.Is(err, errAway), errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "6")
		e.refuse(w, http.StatusServiceUnavailable)
	case errors.Is(err, errClosed):
		e.refuse(w, http.StatusUnauthorized)
	case errors.Is(err, errView), errors.Is(err, errGone):
		e.refuse(w, http.StatusNotFound)
	case err != nil:
		panic(err) // a bug: an event can't be decoded. The middleware recovered logs it
	default:
		doc.serve(w, r, "application/json")
	}
}

// quotation returns the answer about a post. If its author asks not to be listed elsewhere, the answer
// has only the name of the author.
func (e *embedder) quotation(id, origin string, within oembed.Bounds) (oembed.Response, error) {
	found, err := e.timeline.post(id)
	if err != nil {
		return oembed.Response{}, err
	}
	var p payload
	if err := json.Unmarshal(found.data, &p); err != nil {
		return oembed.Response{}, err
	}
	home := origin + homePath
	switch {
	case !e.config.OpenData.passes(found.index):
		return oembed.Response{}, errClosed
	case found.has(query.NoIndex):
		return oembed.Link(p.author(), e.config.Site, home), nil
	}
	content, err := templates.Portable(p.HTML, origin)
	return oembed.Link(p.title(content), e.config.Site, home).Quoted(oembed.Post{
		URL: origin + postPath(p.ID), Author: p.author(), Lang: p.Lang, Text: stream.CutText(content.Text, longestQuotation), Published: p.CreatedAt,
	}, within), err
}

// longestQuotation is the length of the part of a text that is quoted, in bytes.
const longestQuotation = 1000

func encoded(answer oembed.Response) *document {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return newDocument(append(body, '\n'))
}
