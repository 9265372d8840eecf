package feed

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"time"
)

const hostile = "<b>\"&]]>\x00\x0b\ufffe</title><script>alert(1)</script>"

// newFeed returns a feed with an edited post, and one of which little is known. The hostile text is in every field.
func newFeed() Feed {
	published := time.Date(2026, 11, 29, 23, 30, 0, 5e8, time.FixedZone("", 9*60*60))
	return Feed{
		Title: "Posts " + hostile, Home: "https://site.example/?q=%23go", Self: "https://site.example/feed?q=%23go",
		Next: "https://site.example/feed?q=%23go&before=log:7", Lang: "en", Empty: published,
		Items: []Item{
			{
				ID: ID("bluesky:did:plc:a/1"), URL: "https://site.example/post/1", Original: "https://network.example/1?a=b&c=d",
				Title: "Mio: " + hostile, HTML: "<p>" + hostile + "</p>", Lang: "ja", Author: Author{"Mio " + hostile, "https://network.example/mio", "https://network.example/mio.png"},
				Published: published, Edited: published.Add(time.Hour),
			},
			{ID: ID("post:2"), URL: "https://site.example/post/2", Title: "ben: hi", HTML: "hi", Author: Author{Name: "ben"}, Published: published},
		},
	}
}

// element is an XML element of any name.
type element struct {
	XMLName  xml.Name
	Attr     []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) all(name string) (found []element) {
	for _, child := range e.Children {
		if child.XMLName.Space == "http://www.w3.org/2005/Atom" && child.XMLName.Local == name {
			found = append(found, child)
		}
	}
	return found
}

// one returns the text of the only child of that name.
func (e element) one(t *testing.T, name string) string {
	t.Helper()
	found := e.all(name)
	if len(found) != 1 {
		t.Errorf("%s has %d of %s, want 1", e.XMLName.Local, len(found), name)
		return ""
	}
	return found[0].Text
}

func (e element) attribute(name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func parseAtom(t *testing.T, doc []byte) (root element) {
	t.Helper()
	if !strings.HasPrefix(string(doc), `<?xml version="1.0" encoding="UTF-8"?>`) {
		t.Errorf("the document begins with %.60s", doc)
	}
	if err := xml.Unmarshal(doc, &root); err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	return root
}

// The sections are those of RFC 4287.
func TestAtom_HasWhatRFC4287Requires(t *testing.T) {
	root := parseAtom(t, newFeed().Atom())
	if root.XMLName.Local != "feed" || root.XMLName.Space != "http://www.w3.org/2005/Atom" {
		t.Fatalf("the root is %v", root.XMLName)
	}
	checkAtom(t, root)
	self := false
	for _, link := range root.all("link") {
		self = self || link.attribute("rel") == "self" && link.attribute("href") == newFeed().Self && link.attribute("type") == AtomType
	}
	if !self {
		t.Error("there is no link to the feed itself (4.1.1)")
	}
	if root.one(t, "updated") != "2026-11-29T15:30:00Z" {
		t.Errorf("the feed was updated at %s, want the time of its newest edit", root.one(t, "updated"))
	}
	ids := map[string]bool{}
	for _, entry := range root.all("entry") {
		checkAtom(t, entry)
		ids[entry.one(t, "id")] = true
		authors := entry.all("author") // 4.1.2: the feed has none
		if len(authors) != 1 || authors[0].one(t, "name") == "" {
			t.Errorf("authors %v, want one with a name", authors)
		}
		content := entry.all("content")
		if len(content) != 1 || content[0].attribute("type") != "html" || len(content[0].Children) > 0 {
			t.Errorf("content %v, want text of type html (4.1.3.3)", content)
		}
	}
	if len(ids) != 2 {
		t.Errorf("the ids are %v, want two", ids)
	}
	if first := root.all("entry")[0]; first.one(t, "updated") <= first.one(t, "published") {
		t.Error("the edit didn't change updated")
	}
}

// checkAtom checks what a feed and an entry have in common: id (4.2.6), title (4.2.14), updated
// (4.2.15), links with different types or relations (4.1.1), and dates (3.3).
func checkAtom(t *testing.T, e element) {
	t.Helper()
	if id, err := url.Parse(e.one(t, "id")); err != nil || !id.IsAbs() {
		t.Errorf("the id is %q, want an absolute IRI", e.one(t, "id"))
	}
	e.one(t, "title")
	if _, err := time.Parse(time.RFC3339, e.one(t, "updated")); err != nil {
		t.Error(err)
	}
	kinds := map[string]bool{}
	for _, link := range e.all("link") {
		kind := link.attribute("rel") + " " + link.attribute("type")
		if target, err := url.Parse(link.attribute("href")); err != nil || !target.IsAbs() || kinds[kind] {
			t.Errorf("link %s to %q", kind, link.attribute("href"))
		}
		kinds[kind] = true
	}
}

func TestAtom_EscapesEveryText(t *testing.T) {
	root := parseAtom(t, newFeed().Atom())
	entry := root.all("entry")[0]
	want := strings.NewReplacer("\x00", "\ufffd", "\x0b", "\ufffd", "\ufffe", "\ufffd").Replace(hostile)
	for where, got := range map[string]string{
		"title of the feed": strings.TrimPrefix(root.one(t, "title"), "Posts "), "title": strings.TrimPrefix(entry.one(t, "title"), "Mio: "),
		"author": strings.TrimPrefix(entry.all("author")[0].one(t, "name"), "Mio "), "content": strings.TrimSuffix(strings.TrimPrefix(entry.one(t, "content"), "<p>"), "</p>"),
	} {
		if got != want {
			t.Errorf("%s: got %q, want %q", where, got, want)
		}
	}
	var names []string
	var walk func(element)
	walk = func(e element) {
		names = append(names, e.XMLName.Local)
		for _, child := range e.Children {
			walk(child)
		}
	}
	walk(root)
	if text := strings.Join(names, " "); strings.Contains(text, "script") || strings.Contains(text, "b ") {
		t.Errorf("the elements are %s", text)
	}
}

// The rules are those of https://www.jsonfeed.org/version/1.1/.
func TestJSON_HasWhatJSONFeedRequires(t *testing.T) {
	var got struct {
		Version string
		Title   string
		Home    string `json:"home_page_url"`
		Self    string `json:"feed_url"`
		Next    string `json:"next_url"`
		Items   []struct {
			ID        any
			URL       string
			HTML      string `json:"content_html"`
			Published string `json:"date_published"`
			Modified  string `json:"date_modified"`
			Authors   []struct{ Name, URL, Avatar string }
		}
	}
	doc := newFeed().JSON()
	if err := json.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != "https://jsonfeed.org/version/1.1" || got.Title == "" || len(got.Items) != 2 {
		t.Fatalf("got %s", doc)
	}
	for _, address := range []string{got.Home, got.Self, got.Next, got.Items[0].URL, got.Items[0].Authors[0].URL, got.Items[0].Authors[0].Avatar} {
		if u, err := url.Parse(address); err != nil || !u.IsAbs() {
			t.Errorf("%q is not an absolute address", address)
		}
	}
	ids := map[string]bool{}
	for _, item := range got.Items {
		id, isText := item.ID.(string)
		if !isText || id == "" || ids[id] || item.HTML == "" || len(item.Authors) != 1 || item.Authors[0].Name == "" {
			t.Errorf("item %+v", item)
		}
		ids[id] = true
		if _, err := time.Parse(time.RFC3339, item.Published); err != nil {
			t.Error(err)
		}
	}
	if got.Items[0].Modified != "2026-11-29T15:30:00Z" || got.Items[1].Modified != "" {
		t.Errorf("modified at %q and %q, want only the edited post to be", got.Items[0].Modified, got.Items[1].Modified)
	}
	for name := range strings.SplitSeq("author,url_host,null", ",") {
		if strings.Contains(string(doc), `"`+name+`":`) || strings.Contains(string(doc), ":null") {
			t.Errorf("%s is in %s", name, doc)
		}
	}
}

func TestFeed_WithoutPostsIsValid(t *testing.T) {
	empty := newFeed()
	empty.Items, empty.Next = nil, ""
	root := parseAtom(t, empty.Atom())
	checkAtom(t, root)
	if root.one(t, "updated") != "2026-11-29T14:30:00Z" {
		t.Errorf("updated is %s", root.one(t, "updated"))
	}
	if doc := string(empty.JSON()); !strings.Contains(doc, `"items":[]`) {
		t.Errorf("got %s, want a list without items", doc)
	}
}

func TestID_IsStable(t *testing.T) {
	for name, want := range map[string]string{
		"post:42": "urn:uuid:5d20c101-faef-58ce-ae6b-c5d62d34d4ac",
	} {
		if got := ID(name); got != want {
			t.Errorf("the id of %s is %s, want %s", name, got, want)
		}
	}
}
