package web_test

import (
	"cmp"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// audit lists the violations that axe finds, each with the elements that it concerns.
const audit = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] })
	.then(({ violations }) => violations.map(v => v.id + ": " + v.help + "\n\t" +
		v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + "\n\t" + n.failureSummary.replaceAll("\n", " ").slice(0, 300)).join("\n\t")))`

// loadAxe reads the script axe.min.js from the path in the variable AXE.
func loadAxe(t *testing.T) string {
	t.Helper()
	path := os.Getenv("AXE")
	if path == "" {
		missing(t, "no axe-core: set AXE to the path of its axe.min.js")
	}
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

func TestPage_IsAccessible(t *testing.T) {
	axe := loadAxe(t)
	for _, scheme := range []string{"light", "dark"} {
		for _, lang := range []string{"en", "ja"} {
			t.Run(scheme+" "+lang, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, 0)
				none := openLive(t, s, "/?lang="+lang, media("prefers-color-scheme", scheme), preload(axe))
				none.audit("empty")
				s.demo()
				s.emit(created(everything()))
				openLive(t, s, "/?lang="+lang, media("prefers-color-scheme", scheme), preload(axe)).auditStates(s)
			})
		}
	}
}

// looks are appearances of a page. Each sets a width, a font size or a preference of the system.
var looks = map[string][]setting{
	"narrow":              {width(320)},
	"phone dark":          {width(390), media("prefers-color-scheme", "dark")},
	"large letters":       {width(1280), letters(200)},
	"large letters phone": {width(390), letters(200)},
	"more contrast":       {width(768), media("prefers-contrast", "more")},
	"more contrast dark":  {width(768), moreContrastDark},
	"forced colours":      {width(768), media("forced-colors", "active")},
}

// The page shows one post of every kind in each look. TestPage_IsAccessible audits the states of
// the page.
func TestPage_IsAccessibleAtEachSizeAndColorScheme(t *testing.T) {
	axe := loadAxe(t)
	s := newSite(t, 0)
	s.emitOdd()
	s.publish(2)
	for name, settings := range looks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, query := range []string{"/?lang=en", "/?lang=ja&density=compact"} {
				b := openLive(t, s, query, append(settings, preload(axe))...)
				b.run(`document.querySelectorAll("details").forEach(cover => (cover.open = true))`)
				b.audit("with odd posts " + query)
				b.click("menu-button")
				b.audit("with the menu open " + query)
			}
		})
	}
}

// auditStates audits a page with posts in every state that it can be in.
func (b *tab) auditStates(s *site) {
	b.audit("with posts")
	b.run(`document.querySelectorAll("details").forEach(cover => (cover.open = true))`)
	b.audit("with covers open")
	b.click("pause")
	s.publish(40)
	b.wait(`!document.getElementById("pill").hidden`)
	b.audit("paused")
	b.click("pause")
	b.wait(`document.querySelector(".run")`)
	b.audit("with folded posts")
	s.emit(destroyed(madeUp(int(s.posts.Load()))))
	b.wait(`document.querySelector(".grave")`)
	b.audit("with a deleted post")
	b.press("?")
	b.audit("with the help open")
	b.press(kb.Escape)
	s.lose()
	b.waitState("reconnecting")
	b.audit("reconnecting")
	b.do(chromedp.EmulateViewport(390, 900))
	b.audit("on a phone")
}

// audit fails the test for each violation that axe finds.
func (b *tab) audit(state string) {
	b.t.Helper()
	b.wait(`!document.querySelector("[data-new]")`) // the highlight of new posts has faded, so that contrasts are final
	for _, fault := range eval[[]string](b, audit, chromedp.EvalAwaitPromise) {
		b.t.Errorf("%s: %s", state, fault)
	}
}

func TestPage_ACardIsNamedByAuthorTextAndAge(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	b := openLive(t, s, "/")
	name := eval[string](b, `document.querySelector("article").getAttribute("aria-labelledby").split(" ").map(id => document.getElementById(id).innerText).join("|")`)
	parts := strings.Split(name, "|")
	if len(parts) != 4 || parts[0] != "A Reader" || !strings.HasPrefix(parts[1], "Post number 1.") || parts[3] != "@reader1" {
		t.Errorf("a post is called %q, want author, text, age, handle", name)
	}
	if got := cmp.Or(b.text("announce"), "nothing"); got != "nothing" {
		t.Errorf("at the top screen readers hear %q, want nothing", got)
	}
}
