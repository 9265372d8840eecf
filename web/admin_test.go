package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"nagare/stream/moderation"
	"nagare/web"
)

func TestAdmin_WithoutTokensThereIsNothing(t *testing.T) {
	s := newSite(t, 0)
	for _, path := range []string{"/admin", "/admin/", "/admin/rules", "/admin/audit.ndjson", "/admin/websocket", "/admin/hide"} {
		if got := s.get(path, nil).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, got)
		}
	}
}

func TestAdmin_AModeratorWithoutScriptHidesAndShowsAPost(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"))
	m := logIn(t, s, "Aiko")
	done := m.send("hide", url.Values{"id": {"bluesky:1"}}, nil)
	if done.StatusCode != http.StatusSeeOther || !strings.HasPrefix(done.Header.Get("Location"), "/admin?done=") {
		t.Fatalf("hide: status %d to %q, want 303 to /admin?done=…", done.StatusCode, done.Header.Get("Location"))
	}
	if strings.Contains(s.body("/", nil), "apple words") {
		t.Error("the hidden post is on the public page")
	}
	page := m.body(done.Header.Get("Location"))
	if !strings.Contains(page, "apple words") || !strings.Contains(page, `<span class="item__reason">Hidden</span>`) || !strings.Contains(page, "by Aiko") {
		t.Error("the desk doesn't show the hidden post and why it is hidden")
	}
	entry := strings.TrimPrefix(done.Header.Get("Location"), "/admin?done=")
	if status := m.send("undo", url.Values{"value": {entry}, "back": {"log"}}, nil).StatusCode; status != http.StatusSeeOther {
		t.Fatalf("undo: status %d", status)
	}
	if !strings.Contains(s.body("/", nil), "apple words") {
		t.Error("the post is not shown again")
	}
	if status := m.send("undo", url.Values{"value": {entry}}, nil).StatusCode; status != http.StatusBadRequest {
		t.Errorf("undo again: status %d, want 400", status)
	}
}

// Each request lacks one thing that an action needs. None may have an effect.
func TestAdmin_ForgedRequestsHaveNoEffect(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"))
	m, stranger := logIn(t, s, "Aiko"), newStranger(t, s)
	other := logIn(t, s, "Ben")
	fields := url.Values{"id": {"bluesky:1"}}
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			if r.Header.Del(name); value != "" {
				r.Header.Set(name, value)
			}
		}
	}
	for name, request := range map[string]struct {
		by     *moderator
		fields url.Values
		change func(*http.Request)
		status int
	}{
		"no cookie":                    {stranger, fields, nil, 303},
		"no cookie, by script":         {stranger, fields, set("Accept", "application/json"), 403},
		"a made-up cookie":             {stranger, fields, set("Cookie", "nagare-admin=eyJuYW1lIjoiQWlrbyJ9.AAAA"), 303},
		"an empty cookie":              {stranger, fields, set("Cookie", "nagare-admin="), 303},
		"another origin":               {m, fields, set("Origin", "https://evil.example"), 403},
		"an opaque origin":             {m, fields, set("Origin", "null"), 403},
		"no origin":                    {m, fields, set("Origin", ""), 403},
		"a page of another site":       {m, fields, set("Sec-Fetch-Site", "cross-site"), 403},
		"a page of the same site only": {m, fields, set("Sec-Fetch-Site", "same-site"), 403},
		"no form token":                {m, url.Values{"id": {"bluesky:1"}, "form": {""}}, nil, 403},
		"the form of another session":  {m, url.Values{"id": {"bluesky:1"}, "form": {other.form}}, nil, 403},
		"no number":                    {m, url.Values{"id": {"bluesky:1"}, "once": {""}}, nil, 400},
		"JSON":                         {m, fields, set("Content-Type", "application/json"), 415},
		"plain text":                   {m, fields, set("Content-Type", "text/plain"), 415},
		"a part of a form":             {m, fields, set("Content-Type", "multipart/form-data; boundary=x"), 415},
		"too long":                     {m, url.Values{"id": {"bluesky:1"}, "why": {strings.Repeat("x", 20<<10)}}, nil, 413},
		"a post that isn't here":       {m, url.Values{"id": {"bluesky:2"}}, nil, 400},
		"no post":                      {m, nil, nil, 400},
		"a long id":                    {m, url.Values{"id": {strings.Repeat("x", 400)}}, nil, 400},
	} {
		if got := request.by.send("hide", request.fields, request.change).StatusCode; got != request.status {
			t.Errorf("%s: status %d, want %d", name, got, request.status)
		}
	}
	for path, want := range map[string]int{"hide": 405, "approve": 405, "login": 405, "logout": 405, "claim": 405, "announce": 405, "nothing": 404, "hide/": 404} {
		if got := m.get("/admin/" + path).StatusCode; got != want {
			t.Errorf("GET /admin/%s: status %d, want %d", path, got, want)
		}
	}
	if got := m.send("nothing", fields, nil).StatusCode; got != 404 {
		t.Errorf("an unknown action: status %d, want 404", got)
	}
	if n := d.audited(); n != 0 || !strings.Contains(s.body("/", nil), "apple words") {
		t.Errorf("%d entries in the audit, want none, and the post shown", n)
	}
}

func TestAdmin_AFormThatIsSentAgainHasNoEffect(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"))
	m := logIn(t, s, "Aiko")
	pin, unpin := url.Values{"id": {"bluesky:1"}, "once": {"page-1"}}, url.Values{"id": {"bluesky:1"}, "once": {"page-2"}}
	announcement := url.Values{"text": {"The gates open at noon."}, "once": {"page-3"}}
	for _, again := range []string{"first", "again"} {
		for _, request := range []struct {
			do     string
			fields url.Values
		}{{"pin", pin}, {"unpin", unpin}, {"announce", announcement}} {
			if status := m.send(request.do, request.fields, nil).StatusCode; status != http.StatusSeeOther {
				t.Errorf("%s, %s: status %d, want 303", request.do, again, status)
			}
		}
	}
	if n, pins := d.audited(), d.Settings().Pins; n != 3 || len(pins) != 0 {
		t.Errorf("%d entries in the audit and pins %v, want 3 and none", n, pins)
	}
	if n := strings.Count(s.body("/", nil), `class="tweet"`); n != 2 {
		t.Errorf("%d posts, want the first and the announcement", n)
	}
}

func TestAdmin_BlockingFindsTheAuthorOfThePost(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"), byAuthor(2, "mio", "pear words"), byAuthor(3, "kei", "plum words"))
	m := logIn(t, s, "Aiko")
	m.send("block", url.Values{"id": {"bluesky:2"}, "author": {"bluesky:did:kei"}, "value": {"kei"}}, nil)
	if page := s.body("/", nil); strings.Contains(page, "apple words") || strings.Contains(page, "pear words") || !strings.Contains(page, "plum words") {
		t.Error("want only the post of the other author")
	}
	rules := m.body("/admin/rules")
	if !strings.Contains(rules, "@mio.example") {
		t.Error("the rules don't list the blocked author")
	}
	m.send("unblock", url.Values{"author": {"bluesky:did:mio"}}, nil)
	if page := s.body("/", nil); !strings.Contains(page, "apple words") || !strings.Contains(page, "pear words") {
		t.Error("the author's posts are not shown again")
	}
}

func TestAdmin_NothingIsCachedListedOrFramed(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"))
	m, stranger := logIn(t, s, "Aiko"), newStranger(t, s)
	for _, by := range []*moderator{m, stranger} {
		for _, path := range []string{"/admin", "/admin/rules", "/admin/screens", "/admin/sources", "/admin/log", "/admin/audit.ndjson", "/admin/hide"} {
			header := by.get(path).Header
			if got := header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
				t.Errorf("%s: Cache-Control %q", path, got)
			}
			if got := header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'none'") {
				t.Errorf("%s: Content-Security-Policy %q", path, got)
			}
			if got := header.Get("X-Robots-Tag"); got != "noindex, nofollow" {
				t.Errorf("%s: X-Robots-Tag %q", path, got)
			}
		}
	}
	for _, path := range []string{"/admin/rules", "/admin/log", "/admin/audit.ndjson"} {
		if resp := stranger.get(path); resp.StatusCode != http.StatusSeeOther || strings.Contains(stranger.body(path), "apple words") {
			t.Errorf("%s answers a stranger with %d", path, resp.StatusCode)
		}
	}
}

func TestAdmin_AWrongTokenIsRefusedAndTenAMinuteAreTooMany(t *testing.T) {
	s, _ := newModeratedSite(t, moderation.After)
	stranger := newStranger(t, s)
	wrong := url.Values{"name": {"Aiko"}, "token": {strings.Repeat("x", 40)}}
	for n := range 12 {
		want := http.StatusForbidden
		if n >= 10 {
			want = http.StatusTooManyRequests
		}
		resp := stranger.send("login", wrong, nil)
		if resp.StatusCode != want || len(resp.Cookies()) > 0 {
			t.Errorf("wrong token %d: status %d with cookies %v, want %d and none", n+1, resp.StatusCode, resp.Cookies(), want)
		}
	}
	if got := stranger.send("login", url.Values{"name": {" "}, "token": {adminToken}}, nil).StatusCode; got != http.StatusBadRequest {
		t.Errorf("a login without a name: status %d, want 400", got)
	}
	cookie := stranger.send("login", url.Values{"name": {"Aiko"}, "token": {adminToken}}, nil).Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/admin" || cookie.MaxAge != 12*60*60 {
		t.Errorf("cookie %v", cookie)
	}
}

func TestAdmin_TheCookieIsSecureOnHTTPS(t *testing.T) {
	s, _ := newModeratedSite(t, moderation.After, func(c *web.Config) { c.Proxies.Router = true })
	for scheme, want := range map[string]bool{"https": true, "http": false} {
		resp := newStranger(t, s).send("login", url.Values{"name": {"Aiko"}, "token": {adminToken}}, func(r *http.Request) {
			r.Header.Set("X-Forwarded-Proto", scheme)
			r.Header.Set("Origin", scheme+"://"+r.URL.Host)
		})
		if cookies := resp.Cookies(); len(cookies) != 1 || cookies[0].Secure != want {
			t.Errorf("%s: status %d, cookies %v", scheme, resp.StatusCode, cookies)
		}
	}
}

func TestAdmin_LoggingOutEndsTheSession(t *testing.T) {
	s, _ := newModeratedSite(t, moderation.After)
	m := logIn(t, s, "Aiko")
	cookies := m.http.Jar.Cookies(m.get("/admin").Request.URL)
	m.send("logout", nil, nil)
	if m.get("/admin/rules").StatusCode != http.StatusSeeOther {
		t.Error("the moderator is not logged out")
	}
	copied := newStranger(t, s)
	copied.form = m.form
	if status := copied.send("freeze", nil, func(r *http.Request) {
		for _, c := range cookies {
			r.AddCookie(c)
		}
	}).StatusCode; status != http.StatusSeeOther {
		t.Errorf("a copy of the cookie: status %d, want 303 to the login", status)
	}
}

func TestAdmin_TheAuditIsDownloadedAsLinesOfJSON(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	m := logIn(t, s, "Aiko")
	for range 75 {
		m.send("freeze", nil, nil)
		d.Act(t.Context(), moderation.Action{Do: moderation.Resume, By: "Ben"})
	}
	lines := strings.Split(strings.TrimSuffix(m.body("/admin/audit.ndjson"), "\n"), "\n")
	if want := d.audited(); len(lines) != want || want < 100 {
		t.Errorf("%d lines, want %d, and more than a page", len(lines), want)
	}
	if !strings.HasPrefix(lines[0], `{"do":"`) || !strings.Contains(lines[0], `"by":"`) {
		t.Errorf("line %s", lines[0])
	}
}

func TestAdmin_ARuleIsPreviewedBeforeItIsSaved(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"), byAuthor(2, "mio", "pear words"), byAuthor(3, "kei", "apple again"))
	m := logIn(t, s, "Aiko")
	page := m.body("/admin/rules?q=apple")
	if !strings.Contains(page, "This would have hidden 2 of the last 3 posts.") || !strings.Contains(page, "apple again") || !strings.Contains(page, `value="apple"`) {
		t.Error("the page doesn't say what the rule would have hidden")
	}
	if page := m.body("/admin/rules?q=" + url.QueryEscape(`"apple`)); !strings.Contains(page, "This can’t be read as a rule") {
		t.Error("the page doesn't say that the rule is wrong")
	}
	if d.audited() != 0 {
		t.Error("a preview has an effect")
	}
	m.send("rule", url.Values{"value": {"apple"}, "back": {"rules"}}, nil)
	d.post(byAuthor(4, "kei", "apple a third time"))
	if page := s.body("/", nil); strings.Contains(page, "apple a third time") {
		t.Error("the rule is not applied")
	}
	if page := m.body("/admin"); !strings.Contains(page, "Rule: apple") {
		t.Error("the desk doesn't say why the post is hidden")
	}
}
