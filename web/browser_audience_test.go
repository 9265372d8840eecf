package web_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const publishToken = "a-token-that-publishes-posts-of-a-test"

// tellTo makes failures those of a part of the test.
func (a *audience) tellTo(t *testing.T) {
	a.site.t = t
	for _, b := range []*tab{a.aiko, a.ben, a.page, a.wall, a.overlay, a.news} {
		b.t = t
	}
}

// publish publishes a post over HTTP, as another program does.
func (a *audience) publish(word string) {
	a.t.Helper()
	a.authorized(http.MethodPost, "/streaming", `{"id":"`+word+`","text":"`+word+` words","screen_name":"mio"}`)
}

func (a *audience) authorized(method, path, body string) {
	a.t.Helper()
	r, err := http.NewRequest(method, a.url+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+publishToken)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		a.t.Fatalf("%s %s: %s", method, path, resp.Status)
	}
}

// itemWith finds the post with those words in a list of the desk.
func itemWith(list, words string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#%s .item:not([inert])")].find(item => item.innerText.includes(%q))`, list, words)
}

func inList(list, words string) string { return "Boolean(" + itemWith(list, words) + ")" }

// has is whether the words are anywhere in the document.
func has(words string) string {
	return fmt.Sprintf(`document.documentElement.outerHTML.includes(%q)`, words)
}

// decide presses the button of a post on the desk of a moderator.
func (a *audience) decide(by *tab, do, list, words string) {
	a.t.Helper()
	by.wait(inList(list, words))
	by.run(itemWith(list, words) + fmt.Sprintf(`.querySelector('[data-do="%s"]').click()`, do))
}

// publicPaths are the addresses at which posts are.
var publicPaths = []string{"/", "/?q=words", "/wall", "/overlay", "/embed", "/streaming.json?html=1", "/feed.json", "/streaming.ndjson?last=100&wait=1"}

// wantNowhere expects that the words are in no document and in no answer.
func (a *audience) wantNowhere(words string) {
	a.t.Helper()
	for _, show := range a.shows() {
		if !show.is("!" + has(words)) {
			a.t.Errorf("%s has %q", show.name, words)
		}
	}
	for _, path := range publicPaths {
		if strings.Contains(a.body(path, nil), words) {
			a.t.Errorf("%q is in %s", words, path)
		}
	}
	if feed := a.reader.read(a.site); strings.Contains(feed, words) {
		a.t.Errorf("the feed reader has %q", words)
	}
}

// noteAbsence notes in a document when it has had certain words last.
const noteAbsence = `((words, root) => {
	delete root.dataset.absent
	const look = () => root.outerHTML.includes(words) || observer.disconnect() || (root.dataset.absent = Date.now())
	const observer = new MutationObserver(look)
	observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
	return Boolean(look()) || true
})(%q, document.documentElement)`

// wantGone expects that the words are nowhere within a second of a decision, and that they are in no answer once
// it has reached the pages.
func (a *audience) wantGone(words string, decide func()) {
	a.t.Helper()
	for _, show := range a.shows() {
		show.wait(fmt.Sprintf(noteAbsence, words))
	}
	begun := time.Now()
	decide()
	for _, show := range a.shows() {
		show.wait(`"absent" in document.documentElement.dataset`)
		if took := time.UnixMilli(show.absent()).Sub(begun); took > aSecond {
			a.t.Errorf("%s followed after %v, want %v at most", show.name, took, aSecond)
		}
	}
	a.wantNowhere(words)
}

// wantEverywhere waits until the words are everywhere: screens show a new post when it is its turn.
func (a *audience) wantEverywhere(words string) {
	a.t.Helper()
	a.page.wait(has(words))
	a.wantScreens(has(words))
	for _, path := range append([]string{"/feed.atom"}, publicPaths...) {
		if !strings.Contains(a.body(path, nil), words) {
			a.t.Errorf("%q is not in %s", words, path)
		}
	}
	if feed := a.reader.read(a.site); !strings.Contains(feed, words) {
		a.t.Errorf("the feed reader doesn't have %q", words)
	}
}

// show is a document that shows posts.
type show struct {
	name   string
	wait   func(condition string)
	is     func(condition string) bool
	absent func() int64
}

const absentAt = `Number(document.documentElement.dataset.absent)`

func (a *audience) shows() []show {
	all := []show{{"the frame", a.news.waitFrame, func(c string) bool { return frame[bool](a.news, c) }, func() int64 { return frame[int64](a.news, absentAt) }}}
	for name, b := range map[string]*tab{"the page": a.page, "the wall": a.wall, "the overlay": a.overlay} {
		all = append(all, show{name, b.wait, func(c string) bool { return eval[bool](b, c) }, func() int64 { return eval[int64](b, absentAt) }})
	}
	return all
}

// wantScreens waits until a condition is true on all screens.
func (a *audience) wantScreens(condition string) {
	a.t.Helper()
	a.wall.wait(condition)
	a.overlay.wait(condition)
	a.news.waitFrame(condition)
}

func (a *audience) wantPinned(words string) {
	a.t.Helper()
	a.page.wait(fmt.Sprintf(`document.getElementById("pins").innerText.includes(%q)`, words))
	a.wall.wait(fmt.Sprintf(`document.querySelector(".wall__pin")?.innerText.includes(%q)`, words))
	first := fmt.Sprintf(`document.querySelector("#feed .tweet")?.innerText.includes(%q)`, words)
	a.overlay.wait(first)
	a.news.waitFrame(first)
}

// feedReader reads the Atom feed as programs do: it asks only for what has changed.
type feedReader struct{ etag, feed string }

func (r *feedReader) read(s *site) string {
	s.t.Helper()
	header := http.Header{}
	if r.etag != "" {
		header.Set("If-None-Match", r.etag)
	}
	resp := s.get("/feed.atom", header)
	if resp.StatusCode == http.StatusNotModified {
		return r.feed
	}
	feed, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.etag, r.feed = resp.Header.Get("ETag"), string(feed)
	return r.feed
}
