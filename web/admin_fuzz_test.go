package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"nagare/stream/moderation"
)

// Whatever is sent to the address of an action without the cookie of a session, or with it but without the
// token of its forms, has no effect. All inputs therefore go to one site.
func FuzzAdmin_FormsOfOthersHaveNoEffect(f *testing.F) {
	for _, do := range []string{"hide", "approve", "block", "undo", "pin", "rule", "mode", "freeze", "announce", "claim", "logout"} {
		f.Add(do, "application/x-www-form-urlencoded", "same-origin", "nagare-admin=x.y", "id=bluesky%3A1&value=before&text=x&once=1&form=x", true)
	}
	f.Add("hide", "application/json", "", "", `{"id":"bluesky:1"}`, true)
	f.Add("hide/../hide", "text/plain", "none", "", "id=bluesky:1\r\n", false)
	s, d := newModeratedSite(f, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"))
	m := logIn(f, s, "Aiko")
	f.Fuzz(func(t *testing.T, do, kind, site, cookie, body string, known bool) {
		s.t, d.t, m.t = t, t, t
		r := httptest.NewRequest(http.MethodPost, "/admin/", strings.NewReader(body))
		r.URL = &url.URL{Path: "/admin/" + do}
		r.Host = strings.TrimPrefix(s.url, "http://")
		for name, value := range map[string]string{"Content-Type": kind, "Sec-Fetch-Site": site, "Cookie": cookie, "Origin": s.url} {
			r.Header.Set(name, value)
		}
		if known {
			for _, c := range m.http.Jar.Cookies(&url.URL{Scheme: "http", Host: r.Host, Path: "/admin"}) {
				r.AddCookie(c)
			}
		}
		if strings.Contains(body, m.form) {
			t.Skip("the token was guessed")
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		io.Copy(io.Discard, w.Body)
		if n := d.audited(); n != 0 || d.Settings().Mode != moderation.After || !strings.Contains(s.body("/", nil), "apple words") {
			t.Errorf("status %d, %d entries in the audit", w.Code, n)
		}
		if m.get("/admin/rules").StatusCode != http.StatusOK {
			t.Error("the moderator was logged out")
		}
	})
}
