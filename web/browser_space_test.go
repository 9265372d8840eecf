package web_test

import (
	"testing"

	"nagare/stream"
)

func TestPage_ShowsTheSpacesAndLinesOfAText(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	post := madeUp(1)
	post.Text = []stream.Segment{{Text: "one    two"}, {Kind: stream.Break, Text: "\n"}, {Text: "    if x {"}}
	s.emit(created(post))
	b := open(t, s, "/")
	if got, want := eval[string](b, `document.querySelector(".tweet__text").innerText`), "one    two\n    if x {"; got != want {
		t.Errorf("the page shows %q, want %q", got, want)
	}
}
