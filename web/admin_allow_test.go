package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/moderation"
)

// A handle means the author whose posts are here, and nobody else who has or gets the handle.
func TestAdmin_AHandleThatDoesNotWaitMeansOneAuthor(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	m := logIn(t, s, "Aiko")
	allow := func(value string) int {
		t.Helper()
		return m.send("allow", url.Values{"value": {value}}, nil).StatusCode
	}
	elsewhere := byAuthor(3, "ann", "from elsewhere")
	elsewhere.ID, elsewhere.Source, elsewhere.Author.Key = "mastodon:3", "mastodon", "mastodon:7"
	d.post(byAuthor(1, "ann", "apple"))
	if status := allow("@ann.example"); status != http.StatusSeeOther {
		t.Fatalf("status %d, want 303", status)
	}
	impostor := byAuthor(2, "ann", "banana")
	impostor.Author.Key = "bluesky:did:impostor"
	d.post(impostor, elsewhere, byAuthor(4, "ann", "cherry"))
	page := m.body("/")
	for words, want := range map[string]bool{"banana": false, "from elsewhere": false, "cherry": true} {
		if strings.Contains(page, words) != want {
			t.Errorf("%s is shown: %v, want %v", words, !want, want)
		}
	}
	if rules := m.body("/admin/rules"); !strings.Contains(rules, "@ann.example (bluesky)") {
		t.Error("the page doesn't say which author needn't wait")
	}

	if status := allow("ann.example"); status != http.StatusBadRequest {
		t.Errorf("a handle of several authors: status %d, want 400", status)
	}
	for value, want := range map[string]moderation.Author{
		"mastodon:ann.example": {Key: "mastodon:7", Handle: "ann.example"},
		"mastodon:@ben":        {Key: "mastodon:@ben", Handle: "ben"},
		"cy":                   {Handle: "cy"},
	} {
		if status := allow(value); status != http.StatusSeeOther {
			t.Fatalf("%s: status %d, want 303", value, status)
		}
		if all := d.Settings().Allowed; all[len(all)-1] != want {
			t.Errorf("%s: got %+v, want %+v", value, all[len(all)-1], want)
		}
	}
	for handle, network := range map[string]string{"ben": "mastodon", "cy": "post"} {
		if held, _ := d.Judge(&stream.Post{Source: network, Author: stream.Author{Handle: handle}, Text: said("hello")}, nil); held != "" {
			t.Errorf("a post by %s at %s: %s, want it to be shown", handle, network, held)
		}
	}
	if held, _ := d.Judge(&stream.Post{Source: "bluesky", Author: stream.Author{Handle: "ben"}, Text: said("hello")}, nil); held != stream.Pending {
		t.Errorf("a post by another author with the handle: %q, want it to wait", held)
	}
	m.send("disallow", url.Values{"value": {"cy"}}, nil)
	m.send("disallow", url.Values{"value": {"ann.example"}, "author": {"mastodon:7"}}, nil)
	if all := d.Settings().Allowed; len(all) != 2 {
		t.Errorf("after removing two: %+v, want two", all)
	}
}

func TestAdmin_AHandleThatIsNoHandleIsRefused(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	m := logIn(t, s, "Aiko")
	for _, value := range []string{"@@", "bluesky:@@", "@@@", "bluesky:@"} {
		if status := m.send("allow", url.Values{"value": {value}}, nil).StatusCode; status != http.StatusBadRequest {
			t.Errorf("%s: status %d, want 400", value, status)
		}
	}
	if all := d.Settings().Allowed; len(all) > 0 {
		t.Errorf("allowed %+v, want nobody", all)
	}
}
