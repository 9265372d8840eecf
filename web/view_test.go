package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/stream"
)

// various returns posts of several authors, networks and languages. The text of each has its number.
func various() []stream.Op {
	ops := creates(1, 6)
	edit := func(n int, change func(*stream.Post)) { change(ops[n-1].Post) }
	edit(1, func(p *stream.Post) { p.Text = append(p.Text, stream.Segment{Kind: stream.Hashtag, Text: "#Go"}) })
	edit(2, func(p *stream.Post) { p.Author.Handle, p.Source = "kei@town.example", "mastodon" })
	edit(3, func(p *stream.Post) { p.Lang, p.Source = "ja", "bluesky" })
	edit(4, func(p *stream.Post) { p.Text = append(p.Text, stream.Segment{Text: " the last ferry & <more>"}) })
	edit(5, func(p *stream.Post) { p.Text = append(p.Text, stream.Segment{Text: " the first ferry"}) })
	edit(6, func(p *stream.Post) { p.Author.Handle, p.Source = "kei", "bluesky" })
	return ops
}

func TestView_EachAddressShowsItsPosts(t *testing.T) {
	f := newFixture(t)
	f.emit(various()...)
	for _, test := range []struct {
		path, title, canonical string
		want                   []int
	}{
		{"/", "Nagare", "/", []int{6, 5, 4, 3, 2, 1}},
		{"/?q=+", "Nagare", "/", []int{6, 5, 4, 3, 2, 1}},
		{"/?q=FERRY+-first", "Posts that match “FERRY -first” · Nagare", "/?q=-first+ferry", []int{4}},
		{"/?q=%22last+ferry%22", "Posts that match “&#34;last ferry&#34;” · Nagare", "/?q=%22last+ferry%22", []int{4}},
		{"/?q=%FF%E2%80%AEferry+%0A%00+last", "Posts that match “\uFFFDferry last” · Nagare", "/?q=last+%EF%BF%BDferry", nil},
		{"/?q=%E2%80%8B", "Nagare", "/", []int{6, 5, 4, 3, 2, 1}},
		{"/tag/GO", "#GO · Nagare", "/tag/go", []int{1}},
		{"/by/mio", "Posts by @mio · Nagare", "/by/mio", []int{5, 4, 3, 1}},
		{"/by/@mio", "Posts by @mio · Nagare", "/by/mio", []int{5, 4, 3, 1}},
		{"/by/bluesky/kei", "Posts by @kei (Bluesky) · Nagare", "/by/bluesky/kei", []int{6}},
		{"/by/kei@town.example", "Posts by @kei@town.example · Nagare", "/by/kei@town.example", []int{2}},
		{"/source/mastodon", "Posts from Mastodon · Nagare", "/source/mastodon", []int{2}},
		{"/lang/ja", "Posts in Japanese · Nagare", "/lang/ja", []int{3}},
		{"/lang/ja?q=ferry", "Posts in Japanese · Nagare", "/lang/ja", []int{3}},
	} {
		w := f.get(test.path)
		page := w.Body.String()
		if got := shownOn(page); w.Code != http.StatusOK || !slices.Equal(got, test.want) {
			t.Errorf("%s: status %d, shows %v, want %v", test.path, w.Code, got, test.want)
		}
		for _, want := range []string{"<title>" + test.title + "</title>", `<link rel="canonical" href="` + strings.ReplaceAll(test.canonical, "&", "&amp;") + `"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %s", test.path, want)
			}
		}
	}
}

// A page of a moment shows other posts than the newest page, so that search engines list both.
func TestView_APageOfAMomentIsCanonical(t *testing.T) {
	f := newFixture(t)
	f.emit(various()...)
	for path, canonical := range map[string]string{
		"/?at=2017-01-01T00:00:00Z":      "/?at=2017-01-01T00:00Z",
		"/?at=2017-01-01T00:00Z&q=FERRY": "/?q=ferry&amp;at=2017-01-01T00:00Z",
	} {
		page := f.get(path).Body.String()
		if want := `<link rel="canonical" href="` + canonical + `"`; !strings.Contains(page, want) {
			t.Errorf("%s: the page lacks %s", path, want)
		}
	}
}

func TestView_OtherAddressesAreNotFound(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 1)...)
	for _, path := range []string{"/tag/", "/tag/a/b", "/tag/%22", "/by/mio%22%20-x", "/by/a%22%20-%22b", "/by/%E2%80%9Cmio", "/by/@", "/lang/x", "/lang/%20", "/by/a/b/c", "/tag/a%E2%80%AE", "/tag/a%FF", "/by/a%00", "/lang/ja%0A", "/tag/" + strings.Repeat("a", 300)} {
		if w := f.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
}

// The log of the fixture holds 20 events. The older posts are only in the store.
func TestView_OlderPagesOfAViewReachAsFarBackAsTheStore(t *testing.T) {
	f := stored(t, whole)
	ops := creates(1, 200)
	for i := range 100 {
		ops[2*i].Post.Author.Handle = "ben" // every post with an odd number
	}
	f.emit(ops...)
	for _, path := range []string{"/by/mio", "/?q=from%3Amio"} {
		if page := f.get(linkOf(f.get(path).Body.String(), "older")).Body.String(); !strings.Contains(page, " · Older posts · Nagare</title>") {
			t.Errorf("%s: the title doesn't say that the posts are older", path)
		}
		var got []int
		for address, n := path, 0; address != "" && n < 10; n++ {
			page := f.get(address).Body.String()
			got, address = append(got, shownOn(page)...), linkOf(page, "older")
			if address != "" && !strings.HasPrefix(address, path) {
				t.Fatalf("%s: the link to older posts leads to %s", path, address)
			}
		}
		if want := evens(200, 2); !slices.Equal(got, want) {
			t.Errorf("%s: shows %v", path, got)
		}
	}
}

func evens(from, to int) []int {
	return slices.DeleteFunc(countdown(from, to), func(n int) bool { return n%2 != 0 })
}

// linkOf returns the address of the link with that id, or "" if the link is hidden.
func linkOf(page, id string) string {
	match := regexp.MustCompile(`<a [^>]*id="` + id + `"[^>]*>`).FindString(page)
	href := regexp.MustCompile(`href="([^"]*)"`).FindStringSubmatch(match)
	if href == nil || strings.Contains(match, " hidden") {
		return ""
	}
	return strings.ReplaceAll(href[1], "&amp;", "&")
}

func TestView_SaysHowManyOfTheNewestPostsMatch(t *testing.T) {
	f := newFixtureWith(t, hub.Options{Ring: 1500})
	f.emit(creates(1, 1200)...)
	for path, want := range map[string]string{
		"/?q=words-7":  "1 of the last 1,200 posts matches",
		"/?q=words":    "1,200 of the last 1,200 posts match",
		"/?q=nothing":  "0 of the last 1,200 posts match",
		"/lang/ja":     "0 of the last 1,200 posts match",
		"/?q=-words-7": "1,199 of the last 1,200 posts match",
	} {
		if page := f.get(path).Body.String(); !strings.Contains(page, ">"+want+"<") || linkOf(page, "clear") != "/" {
			t.Errorf("%s: the page lacks %q, or the link to all posts", path, want)
		}
	}
	if page := f.get("/?q=words-7", "Cookie", "lang=ja").Body.String(); !strings.Contains(page, "最新の1,200件中1件が一致") {
		t.Error("not in Japanese")
	}
	if page := f.get("/?q=nothing").Body.String(); !strings.Contains(page, "Nothing matches so far.") || strings.Contains(page, "without #") {
		t.Error("a page without posts doesn't say why")
	}
	for _, path := range []string{"/tag/nothing", "/?q=%23nothing"} {
		if page := f.get(path).Body.String(); !strings.Contains(page, `<a href="/?q=nothing">Search for “nothing” without #</a>`) {
			t.Errorf("%s doesn't lead to the word", path)
		}
	}
	if page := f.get("/").Body.String(); strings.Contains(page, `id="count"`) {
		t.Error("the first page counts, too")
	}
}

// The links that change the language and the look lead back to the page.
func TestView_PreferencesKeepTheView(t *testing.T) {
	f := newFixture(t)
	f.emit(various()...)
	before := hub.Position{Epoch: f.timeline.channel.Tip().Epoch, Offset: 5}.String()
	for _, path := range []string{
		"/tag/go", "/?q=%23go+-%22a+b%22", "/by/kei@town.example", "/?q=ferry&before=" + before, "/lang/ja?before=" + before,
		"/?at=2026-01-02T03:04Z", "/?q=ferry&at=2026-01-02T03:04:05Z", "/tag/%E5%B7%9D?at=2026-01-02T03:04Z",
		"/?transport=poll", "/?q=ferry&transport=poll", "/tag/go?transport=poll&before=" + before,
	} {
		page := f.get(path).Body.String()
		link := regexp.MustCompile(`href="([^"]*[?&;]lang=ja)"`).FindStringSubmatch(page)
		if link == nil {
			t.Errorf("%s: no link to Japanese", path)
			continue
		}
		w := f.get(strings.ReplaceAll(link[1], "&amp;", "&"))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != path {
			t.Errorf("%s: got %d to %q, want back", path, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestView_AWrongFilterIsExplainedInBothLanguages(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 1)...)
	for q, want := range map[string][2]string{
		`ferry from: x`:            {"Put a word right after from:, as in from:mio", "from: のすぐ後に語を入れてください（例: from:mio）"},
		`a "b`:                     {"Close the quotation mark, as in", "のように引用符を閉じてください。"},
		`ferry -`:                  {"Put a word right after -, as in -rain", "- のすぐ後に語を入れてください"},
		`""`:                       {"Put words between the quotation marks", "引用符の間に語を入れてください。"},
		`has:cheese`:               {"After has: put media, link, poll or quote.", "has: の後には"},
		`lang:!`:                   {"After lang: put a language such as ja.", "lang: の後には"},
		`is:x`:                     {"After is: put reply, repost, sensitive or bot.", "is: の後には"},
		strings.Repeat("ab ", 17):  {"It has too many words. The maximum is 16.", "上限は16語です。"},
		strings.Repeat("a", 257):   {"It is too long. The maximum is 256 bytes.", "上限は256バイトです。"},
		`<script>alert(1) from:">`: {"Close the quotation mark, as in", "のように引用符を閉じてください。"},
	} {
		for i, lang := range []string{"en", "ja"} {
			w := f.get("/?q="+url.QueryEscape(q), "Accept", "text/html", "Cookie", "lang="+lang)
			page := w.Body.String()
			if w.Code != http.StatusBadRequest || !strings.Contains(page, want[i]) || strings.Contains(page, "<script>alert") {
				t.Errorf("%s in %s: got %d, want 400 and %q", q, lang, w.Code, want[i])
			}
			if !strings.Contains(page, `name="q" value="`) || !strings.Contains(page, `href="/"`) {
				t.Errorf("%s: the page lacks the form or the link to all posts", q)
			}
		}
	}
	page := f.get("/?q=ferry+from%3A+x", "Accept", "text/html").Body.String()
	for _, want := range []string{`autofocus`, `aria-describedby="wrong"`, `href="/?q=ferry+from%3A+x&amp;lang=ja"`, `<code>has:media</code>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if w := f.get("/?q=ferry+from%3A+x&lang=ja"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/?q=ferry+from%3A+x" {
		t.Errorf("a preference leads to %d %q", w.Code, w.Header().Get("Location"))
	}
	if !strings.Contains(page, `ferry <mark>from:</mark> x`) || !strings.Contains(page, `value="ferry from: x"`) {
		t.Error("the page doesn't mark the wrong part")
	}
	several := f.get("/?q=-+x+has%3Acat+-", "Accept", "text/html").Body.String()
	if !strings.Contains(several, `<mark>-</mark> x <mark>has:cat</mark> <mark>-</mark>`) || strings.Count(several, `<p class="empty__words">`) != 2 {
		t.Error("the page doesn't tell all that is wrong, each only once")
	}
	if w := f.get("/?q=from:"); w.Code != http.StatusBadRequest || w.Body.String() != "from:, at character 1: nothing follows it\n" {
		t.Errorf("a tool gets %d %q", w.Code, w.Body)
	}
}

func TestView_AddressesWithAnUnknownPositionLeadToTheNewestPosts(t *testing.T) {
	f := newFixture(t)
	f.emit(various()...)
	for path, want := range map[string]string{
		"/tag/go?before=gone:7": "/tag/go", "/?q=a+b&before=gone:7": "/?q=a+b", "/?q=a&before=x": "/?q=a",
	} {
		if w := f.get(path); w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%s: got %d to %q, want 303 to %q", path, w.Code, w.Header().Get("Location"), want)
		}
	}
}

// The test requests each path that a page gives to the script, or links to on the site.
func TestRoutes_EachAddressInAPageIsServed(t *testing.T) {
	f := newFixture(t)
	ops := append(various(), creates(7, 60)...)
	for _, op := range ops {
		op.Post.Text = append(op.Post.Text, stream.Segment{Text: " ferry"})
	}
	f.emit(ops...)
	server := f.serveReal()
	for _, path := range []string{"/", "/by/mio", "/?q=ferry", "/post/replay:7", "/?at=" + time.Now().UTC().Format(time.RFC3339)} {
		page := f.get(path).Body.String()
		addresses := newPageAddresses(page)
		for _, match := range regexp.MustCompile(`(?:href|action|content)="(/[^"]*)"`).FindAllStringSubmatch(page, -1) {
			addresses["link "+match[1]] = strings.ReplaceAll(match[1], "&amp;", "&")
		}
		if len(addresses) < 15 {
			t.Errorf("%s: only %d addresses", path, len(addresses))
		}
		for name, address := range addresses {
			res, err := http.DefaultTransport.RoundTrip(httptest.NewRequest(http.MethodGet, server.URL+address, nil))
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if address == "" || res.StatusCode != http.StatusOK && res.StatusCode != http.StatusSeeOther && (name != "socket" || res.StatusCode != http.StatusUpgradeRequired) {
				t.Errorf("%s: %s is %q, which answers %s", path, name, address, res.Status)
			}
		}
	}
}

// newPageAddresses returns the addresses in the data attributes of a page, by the attribute's
// name.
func newPageAddresses(page string) map[string]string {
	addresses := map[string]string{}
	for _, name := range []string{"socket", "events", "lines", "path"} {
		_, rest, _ := strings.Cut(page, ` data-`+name+`="`)
		address, _, _ := strings.Cut(rest, `"`)
		addresses[name] = strings.ReplaceAll(address, "&amp;", "&")
	}
	return addresses
}
