package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever stands in an address, the answer is a page, a redirect on the site or an error of the
// client, and what stood there is only shown.
func FuzzView_EveryAddressHasAnAnswer(f *testing.F) {
	for _, seed := range [][3]string{
		{"go", `ferry "live music" -rain`, "2026-11-29T14:00Z"}, {"mio@town.example", "from:", "9999-12-31T23:59:59-23:59"},
		{`"><script>alert(1)</script>`, "</title><script>", "log:7"}, {"..", "\xff\u202e\x00", "//elsewhere.example"}, {"@", `"`, "0000-01-01T00:00Z"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	site := newFixture(f)
	site.emit(creates(1, 3)...)
	f.Fuzz(func(t *testing.T, value, q, moment string) {
		site.t = t
		escaped := url.PathEscape(value)
		for _, path := range []string{"/", "/tag/" + escaped, "/by/" + escaped, "/by/replay/" + escaped, "/source/" + escaped, "/lang/" + escaped, "/post/" + escaped} {
			for _, param := range []string{atParam, beforeParam, afterParam, "lang"} {
				w := site.get(path+"?q="+url.QueryEscape(q)+"&"+param+"="+url.QueryEscape(moment), "Accept", "text/html")
				statuses := []int{http.StatusOK, http.StatusSeeOther, http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest, http.StatusNotFound}
				if !slices.Contains(statuses, w.Code) {
					t.Fatalf("%s with %s: got %d", path, param, w.Code)
				}
				if to := w.Header().Get("Location"); w.Code/100 == 3 && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`)) {
					t.Fatalf("%s with %s: redirects to %q", path, param, to)
				}
				if page := w.Body.String(); !utf8.ValidString(page) || strings.Contains(page, "<script>") {
					t.Fatalf("%s with %s: the page has markup of the address", path, param)
				}
			}
		}
	})
}
