package moderation

import (
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func repostedBy(name string, p *stream.Post) *stream.Post {
	named, by := *p, streamtest.Person(name)
	if handle, is := strings.CutPrefix(name, "@"); is {
		by.Key, by.Handle = "", handle
	}
	named.RepostedBy = &by
	return &named
}

func TestModerator_RulesSeeAllThatACardShows(t *testing.T) {
	quoting := post("ann", "look")
	quoting.Quote = &stream.Quote{ID: "q", Post: post("eve", "cheap spam")}
	quoting.Quote.Post.Author.Name = "Eve of the garden"
	answer := post("ann", "no")
	answer.ReplyTo = &stream.Reply{Handle: "eve"}
	for _, test := range []struct {
		rule  string
		post  *stream.Post
		hides bool
	}{
		{"spam", quoting, true}, {"from:eve", quoting, true}, {"garden", quoting, true}, {"from:ann", quoting, true}, {"from:ben", quoting, false},
		{"look spam", quoting, false}, // neither of the two posts has both words
		{"eve", repostedBy("eve", post("ann", "hello")), true}, {"from:eve", repostedBy("eve", post("ann", "hello")), true},
		{"@eve", repostedBy("eve", post("ann", "hello")), true}, {"eve", answer, true}, {"from:eve", answer, false},
	} {
		m := New(new(desk), Settings{Mode: After, Rules: []Rule{{Query: test.rule}}})
		if held, _ := m.Judge(test.post, nil); (held == stream.Hidden) != test.hides {
			t.Errorf("the rule %s on %s: got %q, want it to be hidden: %v", test.rule, test.post.ID, held, test.hides)
		}
	}
}

func TestModerator_ANameWaitsLikeAPost(t *testing.T) {
	m := New(new(desk), Settings{Mode: Before, Allowed: []Author{{Handle: "ann"}}, Rules: []Rule{{Author: "key:troll", Name: "troll"}}})
	public, byAnn := post("ben", "hello"), post("ann", "hello")
	for name, test := range map[string]struct {
		post, before *stream.Post
		held         stream.Held
	}{
		"a stranger reposts":                            {repostedBy("cy", public), public, stream.Pending},
		"an author who needn't wait reposts":            {repostedBy("ann", public), public, ""},
		"a blocked author reposts":                      {repostedBy("troll", public), public, stream.Hidden},
		"the reposter is approved":                      {repostedBy("cy", public), repostedBy("cy", public), ""},
		"another reposter without a key":                {repostedBy("@cy", public), repostedBy("@dee", public), stream.Pending},
		"another reposter":                              {repostedBy("dee", public), repostedBy("cy", public), stream.Pending},
		"a stranger reposts who needn't wait":           {repostedBy("cy", byAnn), nil, stream.Pending},
		"a stranger reposts who needn't wait and shows": {repostedBy("cy", byAnn), byAnn, stream.Pending},
	} {
		if held, _ := m.Judge(test.post, test.before); held != test.held {
			t.Errorf("%s: got %q, want %q", name, held, test.held)
		}
	}
}

func TestModerator_APictureThatIsUncoveredWaits(t *testing.T) {
	m := New(new(desk), Settings{Mode: Before})
	covered, bare := post("ann", "hello"), post("ann", "hello")
	covered.Sensitive = true
	if held, _ := m.Judge(bare, covered); held != stream.Pending {
		t.Errorf("uncovered: got %q, want it to wait", held)
	}
	if held, _ := m.Judge(covered, bare); held != "" {
		t.Errorf("covered: got %q, want it to be shown", held)
	}
}

// Posts to POST /streaming have authors without a permanent id.
func TestModerator_AuthorsWithoutAKeyAreToldApartByTheirHandles(t *testing.T) {
	m := New(new(desk), Settings{Mode: After, MostPosts: 1, Rules: []Rule{{Author: "post:@troll", Name: "troll"}}})
	of := func(handle, text string) *stream.Post {
		p := post(handle, text)
		p.Author, p.Source = stream.Author{Handle: handle}, "post"
		return p
	}
	for i, test := range []struct {
		post *stream.Post
		held stream.Held
	}{{of("ann", "1"), ""}, {of("ben", "2"), ""}, {of("Ann", "3"), stream.Hidden}, {of("Troll", "4"), stream.Hidden}, {of("trolls", "5"), ""}} {
		if held, decision := m.Judge(test.post, nil); held != test.held {
			t.Errorf("post %d by %s: got %q because of %q, want %q", i+1, test.post.Author.Handle, held, decision.Why, test.held)
		}
	}
}
