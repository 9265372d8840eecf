package web

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"nagare/hub"
	"nagare/static"
	"nagare/stream/query"
	"nagare/templates"
)

// screens serves a view for an unattended screen: as a wall, over the picture of a broadcast,
// or in a page of another site.
type screens struct {
	*pages
	kind  screenKind
	views *http.ServeMux // routes what follows the kind in an address as the site routes views
	cache pageCache

	revision string
	warned   sync.Once // about a code that works on this machine only
}

// screenKind is what the screens of a kind have in common. Their addresses begin with its path.
type screenKind struct {
	path   string
	script string // name of the file
	theme  string // if the address names none
	covers bool   // shows posts that are behind a warning

	// read reads the parameters of the kind into a screen.
	read   func(p *params, s *templates.Screen)
	params []string // their names

	frames Origins // of the pages that may have it in a frame
}

// The parameters of all screens.
var screenParams = []string{queryParam, "lang", "theme", keepParam}

// keepParam names a post that a screen shows and wants to keep after a loss of its connection.
const keepParam = "keep"

const mostKept = 60 // posts that a screen can name

func newScreens(p *pages, kind screenKind) *screens {
	s := &screens{pages: p, kind: kind, views: http.NewServeMux(), cache: pageCache{renders: newTurns(rendersAtOnce, renderPatience)}}
	s.revision = p.config.revision(p.fail.assets)
	for _, pattern := range viewPatterns {
		s.views.HandleFunc(pattern, s.serve)
	}
	s.views.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.fail.show(w, r, http.StatusNotFound) })
	return s
}

// routes returns the routes of the screens of a kind: /wall for all posts, /wall/tag/x for those of /tag/x.
func (s *screens) routes() []route {
	return []route{{s.kind.path, get, s}, {s.kind.path + "/{view...}", get, s}}
}

func (s *screens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == s.kind.path {
		r = r.Clone(r.Context())
		r.URL.Path += "/"
		r.URL.RawPath = ""
	}
	http.StripPrefix(s.kind.path, s.views).ServeHTTP(w, r)
}

func (s *screens) serve(w http.ResponseWriter, r *http.Request) {
	if len(s.kind.frames) > 0 {
		s.kind.allowFrames(w.Header())
	}
	keep := r.URL.Query()[keepParam]
	p := newParams(r, append(slices.Clone(screenParams), s.kind.params...)...)
	p.faults = slices.DeleteFunc(p.faults, func(fault string) bool { return strings.HasPrefix(fault, keepParam+":") }) // may be repeated
	p.noOthers()
	if len(keep) > mostKept {
		p.fault(keepParam, "given %d times, want it %d times at most", len(keep), mostKept)
	}
	look := templates.Screen{}
	s.kind.read(p, &look)
	chosen := s.preferences(p, r)
	if p.refused(w) {
		return
	}
	v, err := viewOf(r, s.config.Timeline.publisher.networks)
	if err != nil {
		s.refuse(w, r, v, err)
		return
	}
	doc, err := s.document(r, v, chosen, look, keep)
	if err != nil {
		s.refuse(w, r, v, err)
		return
	}
	doc.send(w, r)
}

// preferences returns the language and the theme of a screen. The address sets them, because nobody is
// there to choose; they are not kept in cookies.
func (s *screens) preferences(p *params, r *http.Request) preferences {
	chosen := preferences{lang: templates.Language(r.Header.Get("Accept-Language")), theme: s.kind.theme}
	for name, value := range map[string]*string{"lang": &chosen.lang, "theme": &chosen.theme} {
		if !p.values.Has(name) {
			continue
		}
		*value = p.values.Get(name)
		if !slices.Contains(preferenceValues[name], *value) {
			p.fault(name, "%s, want %s", quoted(*value), strings.Join(preferenceValues[name], ", "))
		}
	}
	return chosen
}

// document returns the page of a screen from the cache or newly rendered.
func (s *screens) document(r *http.Request, v view, chosen preferences, look templates.Screen, keep []string) (*document, error) {
	origin := s.config.origin(r)
	return s.cache.get(r.Context(), s.key(chosen, origin+r.URL.String()), s.config.Timeline.channel.Tip, func(ctx context.Context) (renderedPage, error) {
		found, on, err := s.find(ctx, v.query)
		if err != nil {
			return renderedPage{}, err
		}
		look.Kept, err = s.kept(append(slices.Clone(on.Pins), keep...), chosen.lang, on)
		if err != nil {
			return renderedPage{}, err
		}
		look.Page = s.page(v, chosen, found)
		look.State, look.Pins = on.State, on.Pins
		look.Code, look.Address = code(origin, v.base())
		look.Local = s.config.isLocal(origin)
		return s.finishScreen(ctx, look, found)
	})
}

func (s *screens) key(chosen preferences, address string) pageKey {
	return pageKey{chosen, address, s.config.Timeline.sources.adopted(), 0}
}

// find returns the posts for a screen, and what screens show at present.
func (s *screens) find(ctx context.Context, q query.Query) (found selected, on screenState, err error) {
	for on = s.config.screen(); ; {
		if found, err = s.posts(ctx, q, on); err != nil {
			return found, on, err
		}
		now := s.config.screen()
		if now.since == on.since { // otherwise, the posts can be newer than the state
			return found, now, nil
		}
		on = now
	}
}

func (s *screens) posts(ctx context.Context, q query.Query, on screenState) (selected, error) {
	t := s.config.Timeline
	chosen := selection{query: q, limit: templates.Initial}
	if !s.kind.covers {
		chosen.only = uncovered
	}
	switch {
	case on.State == frozen && on.since != hub.Position{}:
		chosen.before = on.since
	case on.State != running:
		return selected{tip: t.channel.Tip(), complete: true}, nil
	}
	return t.selectPosts(ctx, chosen)
}

// uncovered reports whether a post is not behind a warning. What it quotes can be.
func uncovered(x *hub.Index) bool { return !slices.Contains(x.Terms, query.IsSensitive) }

// kept returns the cards of the posts with those ids that are still public.
func (s *screens) kept(ids []string, lang string, on screenState) ([]string, error) {
	if on.State == blank || len(ids) == 0 {
		return nil, nil
	}
	posts, err := s.config.Timeline.postsOf(ids)
	if err != nil {
		return nil, err
	}
	return s.cards(posts, lang)
}

// cards returns the cards of posts, except those that the kind of screen leaves out.
func (s *screens) cards(posts []entry, lang string) ([]string, error) {
	all, err := pageCards(posts, lang)
	if s.kind.covers {
		return all, err
	}
	return slices.DeleteFunc(all, templates.IsCovered), err
}

// finishScreen adds the cards to the data of a screen, and renders it.
func (s *screens) finishScreen(ctx context.Context, look templates.Screen, found selected) (rendered renderedPage, err error) {
	if look.Cards, err = s.cards(found.posts, look.Lang); err != nil {
		return renderedPage{}, err
	}
	look.Kind = strings.TrimPrefix(s.kind.path, "/")
	look.Assets.Script, look.Style = static.URL(s.kind.script), static.URL("screen.css")
	look.Renewal, look.Revision = versionPath, s.revision
	if look.Code != nil && look.Local && s.kind.path == wall.path {
		s.warned.Do(s.warn)
	}
	var html bytes.Buffer
	if err := templates.ScreenPage(look).Render(ctx, &html); err != nil {
		return renderedPage{}, err
	}
	doc := newDocument(html.Bytes())
	doc.unlisted = true
	return renderedPage{doc, found.tip, !found.complete}, nil
}

// seconds parses a time in seconds.
func (p *params) seconds(name string, otherwise int) time.Duration {
	return time.Duration(p.number(name, 1, 3600, otherwise)) * time.Second
}
