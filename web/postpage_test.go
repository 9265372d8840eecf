package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"nagare/store"
	"nagare/stream"
)

// odd is an id with all that ids of networks have in them.
const odd = "bluesky:at://did:plc:abc/app.bsky.feed.post/3k~x?y=1#z%2F é"

func TestPost_ThePageHasThePostAndOthersOfItsAuthor(t *testing.T) {
	f := newFixture(t)
	ops := creates(1, 60)
	for i := range 30 {
		ops[2*i].Post.Author.Handle = "ben" // every post with an odd number
	}
	ops[29].ID, ops[29].Post.ID = odd, odd
	f.emit(ops...)
	w := f.get(postPath(odd))
	page := w.Body.String()
	want := append([]int{30}, 60, 58, 56, 54, 52, 50, 48, 46, 44, 42)
	if got := shownOn(page); w.Code != http.StatusOK || !slices.Equal(got, want) {
		t.Errorf("status %d, shows %v, want %v", w.Code, got, want)
	}
	for _, want := range []string{
		"<title>Post by Mio · Nagare</title>", `content="words-30."`, `content="article"`, ">More by @mio<", `href="/by/replay/mio"`,
		`<link rel="canonical" href="` + postPath(odd) + `"`, `data-filter="from:mio source:replay"`, `data-mode="older"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if link := strings.Index(page, ">Posts by @mio</a>"); link < 0 || link > strings.Index(page, `id="feed"`) {
		t.Error("no link to all posts of the author is above the post")
	}
	if strings.Contains(page, "og:image") {
		t.Error("the preview has a picture")
	}
	if older := linkOf(page, "older"); !slices.Equal(shownOn(f.get(older).Body.String())[:2], []int{40, 38}) {
		t.Errorf("older posts are at %s", older)
	}
	if got := f.get(postPath(odd) + "?lang=ja").Header().Get("Location"); got != postPath(odd) {
		t.Errorf("the choice of a language leads to %q", got)
	}
}

// Some proxies unescape the slashes of a path, and merge them.
func TestPost_IsFoundUnderWhatProxiesMakeOfItsAddress(t *testing.T) {
	f := newFixture(t)
	op := create(post(1, "words-1."))
	op.ID, op.Post.ID = "bluesky:at://did:plc:abc/post/3k", "bluesky:at://did:plc:abc/post/3k"
	f.emit(op)
	for _, path := range []string{
		"/post/bluesky:at:%2F%2Fdid:plc:abc%2Fpost%2F3k", "/post/bluesky%3Aat%3A%2F%2Fdid%3Aplc%3Aabc%2Fpost%2F3k", "/post/bluesky:at:/did:plc:abc/post/3k",
	} {
		if w := f.get(path); w.Code != http.StatusOK || !slices.Equal(shownOn(w.Body.String()), []int{1}) {
			t.Errorf("%s: got %d", path, w.Code)
		}
	}
	if w := f.get("/post/bluesky:at://did:plc:abc/post/3k"); w.Code/100 != 3 || f.get(w.Header().Get("Location")).Code != http.StatusOK {
		t.Errorf("with two slashes: got %d to %s", w.Code, w.Header().Get("Location"))
	}
}

func TestPost_OfADeletedPostNothingIsLeft(t *testing.T) {
	f := newFixture(t)
	secret := post(1, "the secret words")
	secret.Author = stream.Author{Handle: "secretmio", Name: "Secret Mio"}
	f.emit(create(secret))
	if page := f.get("/post/replay:1").Body.String(); strings.Count(page, "the secret words") < 3 {
		t.Fatal("the post has no page to begin with")
	}
	f.emit(destroy(1))
	f.emit(creates(2, 3)...)
	for _, accept := range []string{"text/html", ""} {
		w := f.get("/post/replay:1", "Accept", accept)
		all := strings.ToLower(w.Body.String() + fmt.Sprint(w.Header()))
		if w.Code != http.StatusGone || strings.Contains(all, "secret") || !strings.Contains(all, "gone") {
			t.Errorf("Accept %q: got %d %s", accept, w.Code, all)
		}
	}
	if w := f.get("/post/replay:1", "Accept", "text/html", "Cookie", "lang=ja"); !strings.Contains(w.Body.String(), "この投稿はもうありません") {
		t.Error("not in Japanese")
	}
	for _, path := range []string{"/post/replay:9", "/post/", "/post/replay:", "/post/" + url.PathEscape(strings.Repeat("é", 3000))} {
		if w := f.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%.60s: got %d, want 404", path, w.Code)
		}
	}
}

// Other sites show the description of a page with a link to it.
func TestPost_ItsWordsAreNoPreviewIfTheyAreCoveredOrNotToBeListed(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Index = true })
	n := 0
	for name, change := range map[string]func(*stream.Post){
		"behind a warning": func(p *stream.Post) { p.Warning = "spiders" },
		"sensitive": func(p *stream.Post) {
			p.Sensitive, p.Media = true, []stream.Media{{Kind: "image", Preview: "https://example.org/a.png"}}
		},
		"not to be listed":   func(p *stream.Post) { p.Author.NoIndex = true },
		"a post that may be": func(*stream.Post) {},
	} {
		n++
		op := create(post(n, "words-1."))
		op.Post.Author.Handle = fmt.Sprint("mio", n)
		change(op.Post)
		f.emit(op)
		w := f.get(postPath(op.ID))
		head, _, _ := strings.Cut(w.Body.String(), "</head>")
		may := strings.HasSuffix(name, "may be")
		if w.Code != http.StatusOK || strings.Contains(head, "words-1.") != may || !strings.Contains(head, "og:description") {
			t.Errorf("%s: got %d with\n%s", name, w.Code, head)
		}
		if listed := w.Header().Get(robotsTag) == ""; listed != (name != "not to be listed") {
			t.Errorf("%s: %s is %q", name, robotsTag, w.Header().Get(robotsTag))
		}
	}
}

func TestPost_WithoutAHandleHasNoOthers(t *testing.T) {
	f := newFixture(t)
	op := create(post(1, "words-1."))
	op.Post.Author = stream.Author{}
	f.emit(append(creates(2, 5), op)...)
	page := f.get("/post/replay:1").Body.String()
	if got := shownOn(page); !slices.Equal(got, []int{1}) || linkOf(page, "older") != "" || !strings.Contains(page, "<title>Unknown author · Nagare</title>") {
		t.Errorf("shows %v", got)
	}
}

// A 404 would say that there is no such post, although the store may have it.
func TestPost_WhileTheStoreIsAwayOnlyThoseOfTheLogHavePages(t *testing.T) {
	f := stored(t, func(h History) History { return unfound{h} })
	f.emit(creates(1, 40)...)
	for path, want := range map[string]int{"/post/replay:40": http.StatusOK, "/post/replay:1": http.StatusServiceUnavailable} {
		w := f.get(path)
		if w.Code != want || (w.Header().Get("Retry-After") != "") != (want != http.StatusOK) {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
}

// findHook is a history that runs a function after each lookup.
type findHook struct {
	History
	after func()
}

func (h *findHook) Find(ctx context.Context, channel string, names ...string) ([]store.Record, error) {
	records, err := h.History.Find(ctx, channel, names...)
	if h.after != nil {
		h.after()
	}
	return records, err
}

// The page is not kept past the deletion, and its position is before it, so that browsers are told.
func TestPost_OfAPostDeletedWhileItsPageIsRenderedNothingIsKept(t *testing.T) {
	var hook *findHook
	f := stored(t, func(h History) History { hook = &findHook{History: h}; return hook })
	secret := post(1, "the secret words")
	f.emit(create(secret))
	f.emit(creates(2, 300)...) // the log holds the post no longer
	before := f.timeline.channel.Tip().Offset
	hook.after = func() {
		hook.after = nil
		f.emit(destroy(1))
	}
	page := f.get("/post/replay:1").Body.String()
	if !strings.Contains(page, "the secret words") {
		t.Fatal("the post was not found before its deletion")
	}
	if !strings.Contains(page, fmt.Sprintf(`data-offset="%d"`, before)) {
		t.Error("the page has the position of the deletion or of a later event")
	}
	if w := f.get("/post/replay:1"); w.Code != http.StatusGone || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("after the deletion: got %d", w.Code)
	}
}
