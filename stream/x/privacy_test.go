package x

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

func TestX_ShowsThePlaceholderOfATextWithheldElsewhere(t *testing.T) {
	line := `{"data":{"id":"1","author_id":"7","text":"@mio's account has been withheld in Germany. Learn more.",
		"withheld":{"copyright":false,"country_codes":["DE"],"scope":"user"},
		"entities":{"urls":[{"start":45,"end":55,"url":"https://help.example/15790","expanded_url":"https://help.example/15790","display_url":"Learn more"}]}}}`
	want := []stream.Segment{
		{Text: "@mio's account has been withheld in Germany. "},
		{Kind: stream.Link, Text: "Learn more", Href: "https://help.example/15790", Title: "https://help.example/15790"}, {Text: "."},
	}
	if diff := cmp.Diff(want, opInCountry(t, "FR", line).Post.Text); diff != "" {
		t.Error(diff)
	}
	if op := opInCountry(t, "de", line); op.Kind != stream.AuthorGone || op.Author.Key != "x:7" {
		t.Errorf("in Germany: got %+v", op)
	}
	if op := opInCountry(t, "DE", strings.Replace(line, `"user"`, `"tweet"`, 1)); op.Kind != stream.Destroy || op.ID != "x:1" {
		t.Errorf("in Germany, of a post: got %+v", op)
	}
}

func TestX_HidesProtectedAndWithheldPosts(t *testing.T) {
	post := func(extra, user string) string {
		return `{"data":{"id":"1","author_id":"7","text":"Secret"` + extra + `},"includes":{"users":[{"id":"7","username":"mio"` + user + `}]}}`
	}
	quoted := `{"data":{"id":"2","author_id":"8","text":"Look","referenced_tweets":[{"type":"quoted","id":"1"}]},
		"includes":{"users":[{"id":"7","username":"mio","protected":true}],"tweets":[{"id":"1","author_id":"7","text":"Secret"}]}}`
	reposted := strings.Replace(quoted, "quoted", "retweeted", 1)
	for name, c := range map[string]struct{ line, want string }{
		"protected":          {post("", `,"protected":true`), "destroy x:1"},
		"withheld anywhere":  {post(`,"withheld":{"country_codes":["XX"]}`, ""), "destroy x:1"},
		"by its rights":      {post(`,"withheld":{"copyright":true,"country_codes":["XY"]}`, ""), "destroy x:1"},
		"author withheld":    {post("", `,"withheld":{"country_codes":["XX"]}`), "author_gone "},
		"protected, quoted":  {quoted, "create x:2"},
		"protected, resent":  {reposted, "destroy x:1"},
		"withheld elsewhere": {post(`,"withheld":{"country_codes":["IN",""]}`, ""), "create x:1"},
	} {
		op := opIn(t, c.line)
		if got := string(op.Kind) + " " + op.ID; got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		doc, _ := json.Marshal(op)
		if name == "withheld elsewhere" && !slices.Equal(op.Post.WithheldIn, []string{"IN"}) {
			t.Errorf("%s: marked %v", name, op.Post.WithheldIn)
		}
		if shown := strings.Contains(string(doc), "Secret"); shown != (name == "withheld elsewhere") {
			t.Errorf("%s: shown is %v in %s", name, shown, doc)
		}
	}
}
