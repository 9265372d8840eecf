package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/stream"
)

// everyKind returns ops that bring each kind of event, and posts with most fields.
func everyKind() []stream.Op {
	rich, covered, edited := post(2, "rich words"), post(3, "covered words"), post(4, "edited words")
	rich.URL, rich.Lang = "https://network.example/2", "en"
	rich.Author.URL, rich.Author.Avatar = "https://network.example/mio", "https://network.example/mio.png"
	rich.Media = []stream.Media{{Kind: "image", Preview: "https://network.example/2.png", URL: "https://network.example/2", Alt: "the ferry"}}
	covered.Warning = "a warning"
	covered.Media = rich.Media
	edited.EditedAt = edited.CreatedAt.Add(time.Hour)
	return []stream.Op{create(post(1, "words-1.")), create(rich), create(covered), create(post(4, "first words")), update(edited), create(post(5, "deleted words")), destroy(5)}
}

// listed returns the answer for a path of posts as JSON.
func (f *fixture) listed(path string) (answer struct {
	Posts    []struct{ ID, Text, HTML string }
	Older    string
	Position hub.Position
	Complete bool
}) {
	f.t.Helper()
	w := f.get(path)
	if w.Code != http.StatusOK {
		f.t.Fatalf("%s: %d: %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		f.t.Fatal(err)
	}
	return answer
}

// numbers returns the numbers of the posts that a path of posts as JSON lists.
func (f *fixture) numbers(path string) (numbers []int) {
	f.t.Helper()
	for _, p := range f.listed(path).Posts {
		var n int
		fmt.Sscanf(p.ID, "replay:%d", &n)
		numbers = append(numbers, n)
	}
	return numbers
}

func TestData_EachWrongParameterIsALine(t *testing.T) {
	f := newFixture(t, everythingOpen)
	for path, want := range map[string][]string{
		"/streaming.json?limit=0":                     {`limit: "0", want a number from 1 to 100`},
		"/streaming.json?limit=1000&befor=x&html=yes": {`"befor": unknown, want q, before, after, at, limit, html`, `limit: "1000", want a number from 1 to 100`, `html: "yes", want 1 or 0`},
		"/streaming.json?before=7":                    {`before: "7", want a position, EPOCH:OFFSET, as in lz4k2:42`},
		"/streaming.json?after=a:x&at=tomorrow":       {`at: "tomorrow", want a time such as 2026-11-29T14:00Z`, `after: "a:x", want a position, EPOCH:OFFSET, as in lz4k2:42`, `after, at: given together, want one of them`},
		"/streaming.json?limit=1&limit=2":             {`limit: given 2 times, want it once`},
		"/streaming.json?q=%zz":                       {`query: malformed, want NAME=value&… with percent-encoding`},
		"/streaming.json?q=%22open":                   {`q: "open, at character 1: the quotation mark has no end`},
		"/feed.atom?before=7":                         {`before: "7", want a position, EPOCH:OFFSET, as in lz4k2:42`},
		"/feed.json?q=a&q=b":                          {`q: given 2 times, want it once`},
		"/feed.json?utm_source=a":                     nil,
		"/oembed":                                     {`url: missing, want the address of a page of this site`},
		"/oembed?url=/&maxwidth=-1":                   {`maxwidth: "-1", want a number from 1 to 10000`},
	} {
		w := f.get(path)
		if want == nil {
			if w.Code != http.StatusOK {
				t.Errorf("%s: got %d", path, w.Code)
			}
			continue
		}
		if got := w.Body.String(); w.Code != http.StatusBadRequest || got != strings.Join(want, "\n")+"\n" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d\n%swant\n%s", path, w.Code, got, strings.Join(want, "\n"))
		}
	}
}

// dataPaths are the paths of all data about a post.
func dataPaths(id string) []string {
	return []string{"/streaming.json?html=1", "/feed.atom", "/feed.json", "/oembed?url=" + url.QueryEscape("http://example.com/post/"+url.PathEscape(id))}
}

func TestData_PagesOfAllSitesCanReadItAndNobodyListsIt(t *testing.T) {
	f := newFixture(t, everythingOpen, func(c *Config) { c.Index = true })
	f.emit(everyKind()...)
	for _, path := range append(dataPaths("replay:1"), "/streaming.json?limit=x", "/oembed?url=/nowhere") {
		w := f.get(path, "Origin", "https://elsewhere.example")
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin", "X-Robots-Tag": "noindex",
			"Access-Control-Allow-Credentials": "", "X-Content-Type-Options": "nosniff",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
	asked := f.do(http.MethodOptions, "/streaming.json", nil, "Origin", "https://elsewhere.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match")
	if header := asked.Header(); asked.Code != http.StatusNoContent || header.Get("Access-Control-Allow-Origin") != "*" || header.Get("Access-Control-Allow-Headers") != "If-None-Match" {
		t.Errorf("asked before a request: got %d, %v", asked.Code, header)
	}
	for _, path := range []string{"/", "/healthz", "/streaming", "/version"} {
		if got := f.get(path).Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s: pages of all sites can read it", path)
		}
	}
}

func TestData_PagesOfOtherSitesCanReadTheLogOnlyIfAllPostsInItArePassedOn(t *testing.T) {
	open := func(f *fixture) bool {
		return f.get("/log/streaming", "Origin", "https://elsewhere.example").Header().Get("Access-Control-Allow-Origin") == "*"
	}
	f := newFixture(t, func(c *Config) { c.OpenData = func(source string) bool { return source != "x" } })
	f.emit(create(post(1, "words-1.")))
	if !open(f) {
		t.Error("they can't, although all posts are passed on")
	}
	closed := post(2, "closed words")
	closed.ID, closed.Source = "x:2", "x"
	f.emit(create(closed))
	if open(f) {
		t.Error("they can, although it has a post of X")
	}
	f.emit(stream.Op{Kind: stream.Destroy, ID: "x:2"})
	if !open(f) {
		t.Error("they can't, although the post of X was deleted")
	}
	if open(newFixture(t)) {
		t.Error("they can, although no data is open")
	}
}

func TestData_IsSentAgainOnlyIfItHasChanged(t *testing.T) {
	f := newFixture(t, everythingOpen)
	f.emit(everyKind()...)
	for _, path := range dataPaths("replay:2") {
		first := f.get(path)
		tag := first.Header().Get("ETag")
		if again := f.get(path, "If-None-Match", tag); tag == "" || again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s: asked again with %s, got %d", path, tag, again.Code)
		}
	}
	changed := post(2, "other words")
	changed.EditedAt = changed.CreatedAt.Add(time.Hour)
	tags := map[string]string{}
	for _, path := range dataPaths("replay:2") {
		tags[path] = f.get(path).Header().Get("ETag")
	}
	f.emit(update(changed))
	for path, tag := range tags {
		if w := f.get(path, "If-None-Match", tag); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "other words") {
			t.Errorf("%s after an edit: got %d, %s", path, w.Code, w.Body)
		}
	}
}

func TestData_NothingOfADeletedPostIsLeft(t *testing.T) {
	f := newFixture(t, everythingOpen)
	secret := post(7, "secret words")
	secret.Author = stream.Author{Handle: "secret-handle", Name: "secret name", URL: "https://secret.example", Avatar: "https://secret.example/a.png"}
	f.emit(create(post(1, "stays")), create(secret))
	for _, path := range dataPaths("replay:7") {
		if w := f.get(path); !strings.Contains(w.Body.String(), "secret") {
			t.Fatalf("%s: the post isn't there to begin with: %s", path, w.Body)
		}
	}
	f.emit(destroy(7))
	for _, path := range dataPaths("replay:7") {
		w := f.get(path)
		if text := fmt.Sprint(w.Header(), w.Body); strings.Contains(text, "secret") {
			t.Errorf("%s: got %s", path, text)
		}
		if want := map[bool]int{true: http.StatusNotFound, false: http.StatusOK}[strings.HasPrefix(path, "/oembed")]; w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
}

func TestData_LeavesOutSourcesThatAreNotOpen(t *testing.T) {
	closed := post(2, "closed words")
	closed.ID, closed.Source = "x:2", "x"
	ops := []stream.Op{create(post(1, "words-1.")), create(closed), create(post(3, "words-3."))}
	f := newFixture(t, func(c *Config) { c.OpenData = func(source string) bool { return source != "x" } })
	f.emit(ops...)
	for _, path := range dataPaths("x:2")[:3] {
		if body := f.get(path).Body.String(); strings.Contains(body, "closed") || !strings.Contains(body, "words-3.") {
			t.Errorf("%s: got %s", path, body)
		}
	}
	if w := f.get(dataPaths("x:2")[3]); w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "closed") {
		t.Errorf("oEmbed: got %d, %s", w.Code, w.Body)
	}
	if !strings.Contains(f.get("/").Body.String(), "closed words") {
		t.Error("the page lacks the post")
	}
	none := newFixture(t)
	none.emit(ops...)
	for _, path := range dataPaths("replay:1") {
		if w := none.get(path); w.Code != http.StatusNotFound || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s although no data is open: got %d", path, w.Code)
		}
	}
}
