package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"nagare/templates"
)

// Whatever a query is, it is either refused, with lines that show no control characters, or stands
// for a bounded number of posts.
func FuzzParams(f *testing.F) {
	for _, seed := range []string{"", "q=a&limit=3&html=1", "before=a:1&after=a:1&at=x", "q=%22", "limit=-1&limit=2", "a=%0A%0A&q=%0A#", "%zz", "url=//a/b&maxwidth=x", "q=\xff", "at=0000-01-01T00:00Z"} {
		f.Add(seed)
	}
	d := &data{config: Config{Origins: Origins{"https://site.example"}, OpenData: func(string) bool { return true }}}
	f.Fuzz(func(t *testing.T, raw string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/", RawQuery: raw}
		p := newParams(r, queryParam, beforeParam, "after", atParam, "limit", "html", "url")
		p.noOthers()
		wanted := d.wanted(p)
		p.flag("html")
		if len(p.faults) == 0 && (wanted.limit < 1 || wanted.limit > mostListed || wanted.limit != templates.Initial && p.values.Get("limit") == "") {
			t.Errorf("%q stands for %d posts", raw, wanted.limit)
		}
		if u := (&embedder{data: d}).target(p, r); u != nil && (u.Host != "" || !strings.HasPrefix(u.Path, "/")) {
			t.Errorf("%q leads to %v", raw, u)
		}
		for _, line := range p.faults {
			if line == "" || strings.ContainsFunc(line, unicode.IsControl) || len(line) > 1000 {
				t.Errorf("%q is refused with %q", raw, line)
			}
		}
	})
}
