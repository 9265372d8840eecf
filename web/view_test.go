package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"nagare/hub"
	"nagare/stream"
	"nagare/stream/networks"
)

// newAuthorView returns a second view at /by/mio, for the posts of one author.
func newAuthorView(c *Config) View {
	return View{Path: "/by/mio", Title: "Posts by Mio", Timeline: NewTimeline(c.Hub, "mio", c.Timeline.history, networks.All, slog.New(slog.DiscardHandler))}
}

// emitOfAuthor emits the ops on the timeline of a view, except those about posts of other authors.
func (f *fixture) emitOfAuthor(v View, handle string, ops ...stream.Op) {
	f.t.Helper()
	for _, op := range ops {
		if op.Post != nil && op.Post.Author.Handle != handle {
			continue
		}
		if err := v.Timeline.Emit(f.t.Context(), op); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := v.Timeline.channel.Flush(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func TestView_ASecondViewHasItsOwnPostsAddressesAndOlderPages(t *testing.T) {
	var view View
	f := newFixture(t, func(c *Config) {
		view = newAuthorView(c)
		c.Views = []View{view}
	})
	ops := creates(1, 80)
	for i := range 40 {
		ops[2*i].Post.Author.Handle = "ben" // every post with an odd number
	}
	f.emit(ops...)
	f.emitOfAuthor(view, "mio", ops...)

	page := f.get("/by/mio").Body.String()
	if got, want := shownOn(page), evenCountdown(80, 22); !slices.Equal(got, want) {
		t.Errorf("the page shows %v, want %v", got, want)
	}
	for _, want := range []string{
		`<title>Posts by Mio · Nagare</title>`, `id="title">Posts by Mio</h1>`, `data-channel="mio"`,
		`data-socket="/websocket" data-events="/mio/events" data-lines="/mio.ndjson" data-path="/by/mio" data-older="/by/mio?before="`,
		`id="refresh" href="/by/mio"`, `href="/by/mio?theme=dark"`, `class="header__site" href="/"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	older := view.olderPath(hub.Position{Epoch: view.Timeline.channel.Tip().Epoch, Offset: 11}.String())
	if !strings.Contains(page, `href="`+older+`"`) {
		t.Fatalf("the page lacks the link to %s", older)
	}
	if got, want := shownOn(f.get(older).Body.String()), evenCountdown(20, 2); !slices.Equal(got, want) {
		t.Errorf("the page of older posts shows %v, want %v", got, want)
	}
	if got := shownOn(f.get("/").Body.String()); !slices.Equal(got, countdown(80, 51)) {
		t.Errorf("the first page shows %v, want all authors", got)
	}
}

func evenCountdown(from, to int) []int {
	return slices.DeleteFunc(countdown(from, to), func(n int) bool { return n%2 != 0 })
}

func TestView_RedirectsToItsOwnAddress(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Views = []View{newAuthorView(c)} })
	for path, want := range map[string]string{
		"/by/mio?lang=ja":              "/by/mio",
		"/by/mio?lang=ja&before=log:7": "/by/mio?before=log:7",
		"/by/mio?before=gone:7":        "/by/mio",
	} {
		if w := f.get(path); w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%s: got %d to %q, want 303 to %q", path, w.Code, w.Header().Get("Location"), want)
		}
	}
	if w := f.get("/by/mio/"); w.Code != http.StatusNotFound {
		t.Errorf("a path below the view: got %d, want 404", w.Code)
	}
}

// The test requests each path that a page gives to the script.
func TestRoutes_EachAddressInAPageIsServed(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Views = []View{newAuthorView(c)} })
	server := f.serveReal()
	for _, path := range []string{"/", "/by/mio"} {
		page := newPageAddresses(f.get(path).Body.String())
		for _, name := range []string{"events", "lines", "path"} {
			res, err := http.Get(server.URL + page[name])
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if page[name] == "" || res.StatusCode != http.StatusOK {
				t.Errorf("%s: data-%s is %q, which answers %s", path, name, page[name], res.Status)
			}
		}
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequest(http.MethodGet, page["socket"], nil))
		if w.Code == http.StatusNotFound || page["socket"] == "" {
			t.Errorf("%s: data-socket is %q, which answers 404", path, page["socket"])
		}
	}
}

// newPageAddresses returns the addresses in the data attributes of a page, by the attribute's
// name.
func newPageAddresses(page string) map[string]string {
	addresses := map[string]string{}
	for _, name := range []string{"socket", "events", "lines", "path"} {
		_, rest, _ := strings.Cut(page, ` data-`+name+`="`)
		addresses[name], _, _ = strings.Cut(rest, `"`)
	}
	return addresses
}
