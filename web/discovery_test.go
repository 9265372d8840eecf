package web

import (
	"strings"
	"testing"

	"nagare/templates"

	"github.com/google/go-cmp/cmp"
)

func TestDiscovery_NamesTheFeedsOfTheQueryAndTheAddressOfThePage(t *testing.T) {
	c := Config{Site: "Nagare", OpenData: func(string) bool { return true }}
	got := c.alternates("/tag/go", "#go lang:ja")
	want := []templates.Alternate{
		{Type: "application/atom+xml", Title: "Atom", Href: "/feed.atom?q=%23go+lang%3Aja"},
		{Type: "application/feed+json", Title: "JSON Feed", Href: "/feed.json?q=%23go+lang%3Aja"},
		{Type: "application/json+oembed", Title: "Nagare", Href: "/oembed?url=%2Ftag%2Fgo"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c.Origins = Origins{"https://site.example"}
	if got := c.alternates("/", ""); got[0].Href != "/feed.atom" || got[2].Href != "https://site.example/oembed?url=https%3A%2F%2Fsite.example%2F" {
		t.Errorf("got %v", got)
	}
	c.OpenData = nil
	if got := c.alternates("/", ""); got != nil {
		t.Errorf("although no data is open: %v", got)
	}
}

func TestDiscovery_TheMenuLinksToTheFeedsOfTheView(t *testing.T) {
	link := `href="/feed.atom?q=%23go" type="application/atom+xml">Atom</a>`
	if page := newFixture(t, everythingOpen).get("/tag/go", "Cookie", "lang=ja").Body.String(); !strings.Contains(page, link) || !strings.Contains(page, ">この条件のフィード<") {
		t.Error("the menu lacks the feed")
	}
	if page := newFixture(t).get("/tag/go").Body.String(); strings.Contains(page, "menu-feed") {
		t.Error("the menu names feeds although no data is open")
	}
}
