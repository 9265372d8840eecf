//go:build !race

package html

import (
	"strings"
	"testing"

	"nagare/stream"
)

// A message can consist of tags only, each nested in the one before.
func TestCut_TakesLinearTimeAtAnyDepthOfNesting(t *testing.T) {
	for _, tag := range []string{"<b>", "<p>", "<a href=https://a.example>", "<ul><li>", "<blockquote>", "<rp>", "<span class=invisible>", "<ol>x", "x<i>", "</b>", ":seal:<br>", " <b></b>", "<table><td>", "a\n <sup>", "\n<td>a"} {
		source := strings.Repeat(tag, longest/len(tag)) + "end"
		segs := Cut(source, Rules{Emoji: map[string]string{"seal": "https://a.example/s"}})
		if got := len(stream.PlainText(segs)); got > longest {
			t.Errorf("%s: made %d bytes of %d", tag, got, longest)
		}
	}
	if got := stream.PlainText(Cut(strings.Repeat("<i>", 1000)+"deep", Rules{})); !strings.HasPrefix(got, strings.Repeat("*", deepest)+"deep") {
		t.Errorf("the text in the depth is lost: %q", got)
	}
}
