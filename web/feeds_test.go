package web

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nagare/stream/networks"
	"nagare/stream/reconcile"
)

// atomEntry is an entry of an Atom feed.
type atomEntry struct {
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Content   string     `xml:"content"`
	Link      []atomLink `xml:"link"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

func (f *fixture) atomEntries(path string) []atomEntry {
	f.t.Helper()
	entries, _ := f.atomPage(path)
	return entries
}

// atomPage returns the entries of a feed, and the address of the next older ones.
func (f *fixture) atomPage(path string) (entries []atomEntry, next string) {
	f.t.Helper()
	w := f.get(path)
	if kind := w.Header().Get("Content-Type"); w.Code != http.StatusOK || kind != "application/atom+xml" {
		f.t.Fatalf("%s: got %d, %s", path, w.Code, kind)
	}
	var got struct {
		Entries []atomEntry `xml:"entry"`
		Links   []atomLink  `xml:"link"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &got); err != nil {
		f.t.Fatal(err)
	}
	for _, link := range got.Links {
		if link.Rel == "next" {
			next = link.Href
		}
	}
	return got.Entries, next
}

func TestFeed_AnEditKeepsTheIDAndChangesTheTimeOfTheUpdate(t *testing.T) {
	f := newFixture(t, everythingOpen)
	f.emit(create(post(1, "first words")))
	first := f.atomEntries("/feed.atom")[0]
	edited := post(1, "edited words")
	edited.EditedAt = edited.CreatedAt.Add(time.Hour)
	f.emit(update(edited))
	second := f.atomEntries("/feed.atom")[0]
	if first.ID != second.ID || first.Published != second.Published || first.Updated >= second.Updated || !strings.Contains(second.Content, "edited words") {
		t.Errorf("got %+v, then %+v", first, second)
	}
	if !strings.HasPrefix(second.Title, "Mio: edited words") || second.Link[0].Href != "http://example.com/post/replay:1" {
		t.Errorf("got %+v", second)
	}
}

func TestFeed_BehindAWarningThereIsOnlyTheWarning(t *testing.T) {
	f := newFixture(t, everythingOpen)
	f.emit(everyKind()...)
	for _, path := range []string{"/feed.atom", "/feed.json", "/oembed?url=http://example.com/post/replay:3"} {
		body := f.get(path).Body.String()
		if strings.Contains(body, "covered words") || !strings.Contains(body, "a warning") {
			t.Errorf("%s: got %s", path, body)
		}
	}
	if entries := f.atomEntries("/feed.atom?q=covered"); len(entries) != 1 || strings.Contains(entries[0].Content, "ferry") {
		t.Errorf("got %+v, want the post without its picture", entries)
	}
}

func TestFeed_HasTheConfiguredOrigin(t *testing.T) {
	f := newFixture(t, everythingOpen, func(c *Config) { c.Origins = Origins{"https://site.example"} })
	f.emit(everyKind()...)
	for _, path := range []string{"/feed.atom?q=words", "/feed.json?q=words"} {
		body := f.get(path, "Host", "evil.example").Body.String()
		if strings.Contains(body, "evil.example") || !strings.Contains(body, "https://site.example"+path) || !strings.Contains(body, "https://site.example/post/replay:2") {
			t.Errorf("%s: got %s", path, body)
		}
	}
}

func TestData_AddressesHaveTheSchemeOfTheClient(t *testing.T) {
	f := newFixture(t, everythingOpen, func(c *Config) { c.Proxies.Router = true })
	f.emit(create(post(1, "words-1.")))
	for _, path := range []string{"/feed.atom", "/feed.json", "/oembed?url=/post/replay:1"} {
		body := f.get(path, "X-Forwarded-Proto", "https").Body.String()
		if strings.Contains(body, "http://example.com") || !strings.Contains(body, "https://example.com") {
			t.Errorf("%s: got %s", path, body)
		}
	}
}

// An author can ask not to be listed elsewhere. Feeds and JSON have their posts, but ask search engines
// not to list them.
func TestOEmbed_QuotesNoPostOfAnAuthorThatAsksNotToBeListed(t *testing.T) {
	f := newFixture(t, everythingOpen, func(c *Config) { c.Index = true })
	shy := post(1, "shy words")
	shy.Author.NoIndex = true
	f.emit(create(shy))
	if w := f.get("/oembed?url=/post/replay:1"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "shy words") || !strings.Contains(w.Body.String(), `"type":"link"`) {
		t.Errorf("got %d, %s", w.Code, w.Body)
	}
	for _, path := range dataPaths("replay:1") {
		if got := f.get(path).Header().Get("X-Robots-Tag"); got != "noindex" {
			t.Errorf("%s: X-Robots-Tag is %q", path, got)
		}
	}
}

// portableAttributes are the elements in the content of feeds, with their attributes.
var portableAttributes = map[string]string{
	"p": "dir lang", "br": "", "a": "href", "img": "src alt width height", "blockquote": "", "ul": "", "li": "dir", "bdi": "", "time": "datetime",
}

func TestCorpora_EveryPostIsInTheFeedsAsPlainMarkup(t *testing.T) {
	posts := 0
	for _, variable := range []string{"NAGARE_FIXTURES", "NAGARE_INPUTS"} {
		for name, lines := range corpus(t, variable) {
			f, decoders := newFixture(t, everythingOpen), networks.Decoders("")
			emit := reconcile.New(f.pass, nil).Emit
			for _, line := range lines {
				if op, err := decodeAll(decoders, line); err == nil && op.Kind != "" {
					if err := emit(op); err != nil {
						t.Fatal(err)
					}
				}
			}
			ids := map[string]bool{}
			for path := "/feed.atom"; path != ""; {
				entries, next := f.atomPage(path)
				for _, e := range entries {
					if ids[e.ID] {
						t.Errorf("%s: the id %s is there twice", name, e.ID)
					}
					ids[e.ID] = true
					checkPortable(t, name, e.Content)
				}
				path = strings.TrimPrefix(next, "http://example.com")
			}
			if held := f.timeline.Kept(); len(ids) != held {
				t.Errorf("%s: the feed has %d posts, the page %d", name, len(ids), held)
			}
			posts += len(ids)
		}
	}
	if posts < 200 {
		t.Errorf("only %d posts", posts)
	}
}

// checkPortable checks that a content has only plain elements, with absolute addresses.
func checkPortable(t *testing.T, name, content string) {
	t.Helper()
	parsed, err := html.ParseFragment(strings.NewReader(content), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil || strings.TrimSpace(content) == "" {
		t.Errorf("%s: %v, content %q", name, err, content)
	}
	root := &html.Node{Type: html.DocumentNode}
	for _, n := range parsed {
		root.AppendChild(n)
	}
	for n := range root.Descendants() {
		allowed, known := portableAttributes[n.Data]
		if n.Type == html.ElementNode && !known {
			t.Errorf("%s: the element %s is in %s", name, n.Data, content)
		}
		for _, a := range n.Attr {
			if !slices.Contains(strings.Fields(allowed), a.Key) {
				t.Errorf("%s: the attribute %s is in %s", name, a.Key, content)
			}
			if u, err := url.Parse(a.Val); (a.Key == "href" || a.Key == "src") && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
				t.Errorf("%s: the address %s is in %s", name, a.Val, content)
			}
		}
	}
}

func TestOEmbed_AnswersOnlyAboutPagesOfTheSite(t *testing.T) {
	f := newFixture(t, everythingOpen)
	f.emit(everyKind()...)
	for target, want := range map[string]int{
		"http://example.com/post/replay:1": 200, "https://example.com/post/replay:1": 200, "/post/replay:1": 200, "http://EXAMPLE.com:80/": 200,
		"http://example.com/tag/go": 200, "http://example.com/?q=words": 200, "http://example.com/by/mio": 200,
		"http://elsewhere.example/post/replay:1": 404, "http://example.com.evil.example/": 404, "http://user@example.com/": 404, "//example.com/": 404,
		"javascript:alert(1)": 404, "http://example.com/post/replay:99": 404, "http://example.com/post/": 404, "http://example.com/healthz": 404,
		"http://example.com/by/mio/": 404, "http://example.com//by/mio": 404, "http://example.com/streaming.json": 404, "file:///etc/passwd": 404, "http://example.com": 200, "mailto:a@example.com": 404,
	} {
		w := f.get("/oembed?url=" + url.QueryEscape(target))
		if w.Code != want || w.Header().Get("Location") != "" {
			t.Errorf("%s: got %d, want %d: %s", target, w.Code, want, w.Body)
		}
	}
	var answer struct {
		Type, Title, HTML string
		Width, Height     int
	}
	for bounds, kind := range map[string]string{"": "rich", "&maxwidth=300": "rich", "&maxheight=20": "link", "&format=json": "rich", "&dnt=1&lang=en": "rich"} {
		if err := json.Unmarshal(f.get("/oembed?url=/post/replay:1"+bounds).Body.Bytes(), &answer); err != nil || answer.Type != kind || answer.Title != "Mio: words-1." {
			t.Errorf("%s: got %+v, %v", bounds, answer, err)
		}
	}
	if body := f.get("/oembed?url=/post/replay:1").Body.String(); !strings.HasSuffix(body, "}\n") {
		t.Errorf("the answer ends with %q", body[len(body)-2:])
	}
	if w := f.get("/oembed?url=/&format=xml"); w.Code != http.StatusNotImplemented {
		t.Errorf("for XML: got %d, want 501", w.Code)
	}
}
