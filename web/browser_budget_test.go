package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"nagare/static"
)

// zipped returns the compressed size of the response to a request for path, in bytes.
func (s *site) zipped(path string) int {
	s.t.Helper()
	resp := s.get(path, http.Header{"Accept-Encoding": {"gzip"}})
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s %v", path, resp.Status, err)
	}
	if resp.Header.Get("Content-Encoding") != "gzip" {
		s.t.Errorf("%s is not compressed", path)
	}
	if _, err := gzip.NewReader(bytes.NewReader(body)); err != nil {
		s.t.Errorf("%s: %v", path, err)
	}
	return len(body)
}

func TestPage_FilesStayWithinTheirSizeLimits(t *testing.T) {
	s := newSite(t, 0)
	s.demo()
	budgets := []struct {
		what      string
		got, most int
	}{
		{"script", s.zipped(static.URL("app.min.js")), 16 << 10},
		{"style", s.zipped(static.URL("app.css")), 10 << 10},
		{"page with posts", s.zipped("/"), 16 << 10},
	}
	for _, b := range budgets {
		t.Logf("%s: %d bytes", b.what, b.got)
		if b.got > b.most {
			t.Errorf("%s takes %d bytes, want %d at most", b.what, b.got, b.most)
		}
	}
}

// A page loads only files of its own site, and each file once.
func TestPage_LoadsEachFileOfTheSiteOnceAndNoOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	loaded := eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name)`)
	kept := loaded[:0]
	for _, url := range loaded {
		if !strings.HasPrefix(url, s.url+static.Root) {
			t.Errorf("loaded %s, which is not ours", url)
		}
		if !strings.HasSuffix(url, ".svg") {
			kept = append(kept, url)
		}
	}
	if len(kept) != 2 {
		t.Errorf("%d files loaded, want the style and the script: %v", len(kept), kept)
	}
}

func TestPage_StaysSmallHoweverManyPostsArrive(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	cards := func() int { return eval[int](b, `document.querySelectorAll("#feed > .tweet").length`) }
	for range 10 {
		s.publish(200)
		b.waitShown(int(s.posts.Load()))
		if n := cards(); n > 220 {
			t.Fatalf("%d cards, want 220 at most", n)
		}
	}
	t.Logf("%d cards after %d posts", cards(), s.posts.Load())
	if last := eval[string](b, `document.querySelector("#feed > article").dataset.seq`); last != "2030" {
		t.Errorf("the newest post is %s, want 2030", last)
	}
}
