package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"nagare/stream"
)

// The reader opens and closes a content warning with the keys that browsers provide: Tab moves the
// focus to the warning, Enter and space toggle it.
func TestCover_IsOpenedAndClosedByTheKeyboard(t *testing.T) {
	t.Parallel()
	warned, sensitive := madeUp(1), madeUp(2)
	warned.Warning, warned.Text = "Moon", said("Behind the warning.")
	sensitive.Sensitive = true
	sensitive.Media = []stream.Media{{Kind: "image", Preview: "/static/demo/moon.svg", Alt: "The moon"}}
	for seq, covered := range map[string]string{"1": ".tweet__text", "2": ".media__image"} {
		s := newSite(t, 0)
		s.emit(created(warned))
		s.emit(created(sensitive))
		b := openLive(t, s, "/")
		card := `document.querySelector('[data-seq="` + seq + `"]')`
		seen := card + `.querySelector("` + covered + `").checkVisibility()`
		b.run(card + `.focus()`)
		for range 10 { // past the links before the warning
			b.press(kb.Tab)
			if eval[bool](b, `document.activeElement.matches(".cover__summary")`) {
				break
			}
		}
		if !eval[bool](b, card+`.querySelector(".cover__summary") === document.activeElement`) {
			t.Fatalf("post %s: Tab doesn't stop at its cover", seq)
		}
		if eval[bool](b, seen) {
			t.Errorf("post %s: %s is seen before it is asked for", seq, covered)
		}
		for i, key := range []string{kb.Enter, " ", " ", kb.Enter} {
			b.do(chromedp.KeyEvent(key))
			if want := i%2 == 0; eval[bool](b, seen) != want {
				t.Errorf("post %s: after key %d (%q) %s is seen: %v, want %v", seq, i+1, key, covered, !want, want)
			}
			if !eval[bool](b, `document.activeElement.matches(".cover__summary")`) {
				t.Errorf("post %s: key %d moved the focus", seq, i+1)
			}
		}
	}
}
