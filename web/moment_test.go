package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestView_APageOfTheMomentHasThePostsBeforeIt(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 3)...)
	at := time.Now()
	time.Sleep(time.Until(at.Truncate(time.Second).Add(time.Second))) // an address has whole seconds
	moment := time.Now().UTC().Format(time.RFC3339)
	f.emit(creates(4, 9)...)
	page := f.get("/?at=" + moment).Body.String()
	if got := shownOn(page); !slices.Equal(got, []int{3, 2, 1}) {
		t.Errorf("shows %v", got)
	}
	for _, want := range []string{`data-mode="older"`, `id="title">Posts up to`, moment, `id="back-to-live" href="/"`, "<title>Posts up to " + moment[:10]} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if got := shownOn(f.get("/?q=words-2&at=" + moment).Body.String()); !slices.Equal(got, []int{2}) {
		t.Errorf("with a filter it shows %v", got)
	}
	if page := f.get("/?at=2001-01-01T00:00Z").Body.String(); len(shownOn(page)) > 0 || !strings.Contains(page, "No posts from then are left here.") {
		t.Error("long ago, there were no posts")
	}
	zoned := time.Now().In(time.FixedZone("", 9*3600)).Add(-time.Hour).Format(time.RFC3339)
	for path, want := range map[string]int{
		"/?at=" + zoned: 200, "/?at=" + url.QueryEscape(zoned): 200, "/?at=2026-01-02": 400, "/?at=x": 400, "/?at=0001-01-01T00:00Z": 400, "/?at=9999-12-31T23:59:59-01:00": 400,
		"/?at=" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339): 303,
	} {
		if w := f.get(path); w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
}

func TestView_AWrongMomentIsExplained(t *testing.T) {
	f := newFixture(t)
	for accept, want := range map[string]string{"": "want a time as in at=2026-11-29T14:00Z\n", "text/html": `<p class="empty__example"><a href="/?at=20`} {
		if w := f.get("/?at=yesterday", "Accept", accept); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("Accept %q: got %d %s", accept, w.Code, w.Body)
		}
	}
}
