package web_test

import (
	"net/url"
	"testing"

	"nagare/stream"
	"nagare/stream/moderation"
)

// A post that quotes another one can be older here, and has the id of the other one among its names.
func TestAdmin_ABlockIsOfTheAuthorOfThePostAndNotOfOneThatQuotesIt(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	quoted, quoting := byAuthor(1, "mio", "apple words"), byAuthor(2, "ren", "look at that")
	quoting.Quote = &stream.Quote{ID: quoted.ID, Post: quoted}
	d.post(quoting, quoted)
	m := logIn(t, s, "Aiko")
	m.send("block", url.Values{"id": {quoted.ID}}, nil)
	if rules := d.Settings().Rules; len(rules) != 1 || rules[0].Author != quoted.Author.Key {
		t.Errorf("blocked %+v, want %s", rules, quoted.Author.Key)
	}
}
