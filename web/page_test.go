package web

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

var wordsPattern = regexp.MustCompile(`words-(\d+)\.`)

// shownOn returns the numbers of the posts on a page, from top to bottom.
func shownOn(page string) []int {
	var numbers []int
	for _, match := range wordsPattern.FindAllStringSubmatch(page, -1) {
		n, _ := strconv.Atoi(match[1])
		numbers = append(numbers, n)
	}
	return slices.Compact(numbers)
}

func countdown(from, to int) []int {
	var numbers []int
	for n := from; n >= to; n-- {
		numbers = append(numbers, n)
	}
	return numbers
}

var offsetPattern = regexp.MustCompile(`data-epoch="(\w+)" data-offset="(\d+)"`)

func TestPage_HasThePositionOfTheNewestEventInItsCards(t *testing.T) {
	f := newFixture(t)
	f.emit(append(creates(1, 3), update(post(1, "words-1.")), destroy(2))...)
	page := f.get("/").Body.String()
	if got, want := shownOn(page), []int{3, 1}; !slices.Equal(got, want) {
		t.Errorf("shows %v, want %v", got, want)
	}
	tip := f.timeline.channel.Tip()
	match := offsetPattern.FindStringSubmatch(page)
	if match == nil || match[1] != tip.Epoch || match[2] != "5" {
		t.Errorf("the position is %v, want %s", match, tip)
	}
	if !strings.Contains(page, `data-seq="1"`) {
		t.Error("the updated card has lost the offset of its create")
	}
}

func TestPage_LinksToOlderPagesLeadThroughTheWholeLog(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 75)...)
	path := "/"
	for _, want := range [][]int{countdown(75, 46), countdown(45, 16), countdown(15, 1)} {
		page := f.get(path).Body.String()
		if got := shownOn(page); !slices.Equal(got, want) {
			t.Fatalf("%s shows %v, want %v", path, got, want)
		}
		if match := offsetPattern.FindStringSubmatch(page); match == nil || match[2] != "75" {
			t.Errorf("%s has the position %v, want the tip of the log", path, match)
		}
		path = linkOf(page, "older")
	}
	if path != "" {
		t.Errorf("the last page links to older ones: %s", path)
	}
}

func TestPage_AnUnknownPositionRedirectsToTheNewestPosts(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 3)...)
	elsewhere := hub.Position{Epoch: "anotherlog", Offset: 2}.String()
	for _, before := range []string{"x", elsewhere, f.timeline.channel.Tip().Epoch + ":0", f.timeline.channel.Tip().Epoch + ":5", "%3Cscript%3E"} {
		w := f.get("/?before=" + before)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
			t.Errorf("before=%s: got %d to %q", before, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestPage_IsRenderedEvenIfTheFirstClientHasDisconnected(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 3)...)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
	if w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
}

func TestPage_CachesALimitedNumberOfOlderPages(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 200)...)
	epoch := f.timeline.channel.Tip().Epoch
	pages := newPages(Config{Timeline: f.timeline}, errorPages{})
	for n := range 200 {
		r := httptest.NewRequest(http.MethodGet, "/?before="+hub.Position{Epoch: epoch, Offset: uint64(n + 1)}.String(), nil)
		pages.ServeHTTP(httptest.NewRecorder(), r)
	}
	if n := len(pages.others.pages); n == 0 || n > maxPages {
		t.Errorf("%d pages are cached, want 1 to %d", n, maxPages)
	}
}

func TestPage_OfOlderPostsIsCachedUntilTheLogGrows(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 3)...)
	pages := newPages(Config{Timeline: f.timeline}, errorPages{})
	older := view{path: homePath, before: hub.Position{Epoch: f.timeline.channel.Tip().Epoch, Offset: 3}}
	request := func() *document {
		doc, err := pages.document(t.Context(), older, preferences{lang: "en"})
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	first := request()
	if request() != first {
		t.Error("it is rendered again though the log has not changed")
	}
	f.emit(destroy(1))
	if doc := request(); !slices.Equal(shownOn(string(doc.plain)), []int{2}) {
		t.Errorf("after post 1 was deleted it shows %v", shownOn(string(doc.plain)))
	}
}

func TestPage_IsCachedForEachPositionLanguageAndTheme(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 3)...)
	tag := func(pairs ...string) string { return f.get("/", pairs...).Header().Get("ETag") }
	first := tag()
	if again := tag(); again != first {
		t.Errorf("the same page has tag %s, then %s", first, again)
	}
	for _, pair := range [][2]string{{"Accept-Language", "ja"}, {"Cookie", "theme=dark"}, {"Cookie", "lang=ja"}} {
		if tag(pair[0], pair[1]) == first {
			t.Errorf("%s: %s makes no difference to the tag", pair[0], pair[1])
		}
	}
	f.emit(creates(4, 4)...)
	if tag() == first {
		t.Error("a new post makes no difference to the tag")
	}
}

func TestPage_AnswersNotModifiedIfTheClientHasTheCurrentPage(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 3)...)
	w := f.get("/")
	if got := w.Header().Get("Cache-Control"); got != "no-cache, no-transform" {
		t.Errorf("Cache-Control %q, want no-cache, no-transform", got)
	}
	w = f.get("/", "If-None-Match", w.Header().Get("ETag"), "Accept-Encoding", "gzip")
	if w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("got %d with %d bytes, want 304 with none", w.Code, w.Body.Len())
	}
}

func TestPage_IsCompressedIfTheClientAcceptsIt(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 3)...)
	plain := f.get("/").Body.String()
	for accept, want := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "GZIP": true, "gzip;q=0": false, "gzip; q=0.000": false, "br": false, "": false,
	} {
		w := f.get("/", "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding %q: compressed is %v", accept, got)
		}
		if want && unzipped(t, w.Body) != plain {
			t.Errorf("Accept-Encoding %q: another page", accept)
		}
		if vary := w.Header().Values("Vary"); !slices.Contains(vary, "Accept-Encoding") {
			t.Errorf("Vary %q", vary)
		}
	}
}

func unzipped(t *testing.T, r io.Reader) string {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPreferences_AreKeptInCookiesAndGuessedFromHeaders(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ header, value, want string }{
		{"Accept-Language", "ja-JP,en;q=0.5", `lang="ja"`},
		{"Accept-Language", "fr", `lang="en"`},
		{"Cookie", "lang=ja", `lang="ja"`},
		{"Cookie", "lang=<b>", `lang="en"`},
		{"Cookie", "theme=dark", `data-theme="dark"`},
		{"Cookie", "theme=purple", `data-theme="auto"`},
		{"Cookie", "density=compact", `data-density="compact"`},
		{"Cookie", "density=tiny", `data-density="comfortable"`},
	} {
		page := f.get("/", c.header, c.value).Body.String()
		start, _, _ := strings.Cut(page, "<body")
		if !strings.Contains(start, c.want) {
			t.Errorf("%s: %s: want %s in\n%s", c.header, c.value, c.want, start)
		}
	}
	for query, want := range map[string]string{
		"theme=dark":      "theme=dark; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax",
		"lang=ja":         "lang=ja; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax",
		"density=compact": "density=compact; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax",
		"lang=xx":         "",
		"theme=a%3B":      "",
		"density=0":       "",
	} {
		w := f.get("/?" + query)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" || w.Header().Get("Set-Cookie") != want {
			t.Errorf("?%s: got %d, cookie %q, want 303 and %q", query, w.Code, w.Header().Get("Set-Cookie"), want)
		}
	}
}

// On a page of older posts, a link that sets a preference leads back to the same page.
func TestPreferences_ChangingOneKeepsThePositionOfThePage(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 40)...)
	place := hub.Position{Epoch: f.timeline.channel.Tip().Epoch, Offset: 11}.String()
	page := f.get("/?before=" + place).Body.String()
	for _, choice := range []string{"lang=en", "lang=ja", "theme=dark", "density=compact"} {
		if link := `href="/?before=` + place + "&amp;" + choice + `"`; !strings.Contains(page, link) {
			t.Errorf("the page has no %s", link)
		}
	}
	for before, want := range map[string]string{place: "/?before=" + place, "//elsewhere.example": "/", "": "/"} {
		if got := f.get("/?lang=ja&before=" + url.QueryEscape(before)).Header().Get("Location"); got != want {
			t.Errorf("with before=%s it leads to %q, want %q", before, got, want)
		}
	}
}

// A picture behind a content warning is still loaded only when the reader opens the warning.
func TestPage_LoadsOnlyPicturesOfTheFirstPostsImmediately(t *testing.T) {
	card := `<article><img src="a" loading="lazy"><details class="cover"><img src="b" loading="lazy"></details></article>`
	if got, want := templates.Eager(card), `<article><img src="a"><details class="cover"><img src="b" loading="lazy"></details></article>`; got != want {
		t.Errorf("got %s", got)
	}
	f := newFixture(t)
	for i := range 4 {
		op := creates(i+1, i+1)[0]
		op.Post.Media = []stream.Media{{Kind: "image", Preview: "/static/demo/moon.svg"}}
		f.emit(op)
	}
	page := f.get("/").Body.String()
	if all, lazy := strings.Count(page, `class="media__image"`), strings.Count(page, `height="900" loading="lazy"`); all != 4 || lazy != 2 {
		t.Errorf("of %d pictures %d are loaded lazily, want 2 of 4", all, lazy)
	}
}
