package web_test

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nagare/stream"
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

// audited are the states of the page that axe audits. Each begins with an open page that has posts
// 1 to 10.
var audited = []struct {
	name    string
	arrange func(*site, *tab)
}{
	{"with posts", func(*site, *tab) {}},
	{"with a post of every kind", withEveryKind},
	{"with all covers open", func(s *site, b *tab) {
		withEveryKind(s, b)
		b.run(`document.querySelectorAll("details").forEach(cover => (cover.open = true))`)
	}},
	{"empty", func(_ *site, b *tab) {
		b.visit(newSite(b.t, 0).url + eval[string](b, `location.search`))
		b.waitState("live")
	}},
	{"with the menu open", menuOpen},
	{"with the help open", func(_ *site, b *tab) { b.press("?"); b.wait(`document.getElementById("help").open`) }},
	{"with a picture open", func(s *site, b *tab) {
		s.emit(created(sixPictures(11)))
		b.wait(`document.querySelector(".media__link")`)
		b.openPicture(1)
	}},
	{"paused", func(s *site, b *tab) {
		b.click("pause")
		s.publish(40)
		b.wait(`!document.getElementById("pill").hidden`)
	}},
	{"reading", func(s *site, b *tab) {
		b.run(`document.querySelectorAll("#feed > article")[4].scrollIntoView()`) // the header cuts no link that axe measures
		s.publish(2)
		b.waitState("reading")
	}},
	{"with folded posts", func(s *site, b *tab) {
		b.click("pause")
		s.publish(40)
		b.wait(`document.getElementById("pill").dataset.count === "40"`)
		b.click("pause")
		b.wait(`document.querySelector(".run")`)
	}},
	{"with a deleted post", func(s *site, b *tab) {
		s.emit(destroyed(madeUp(10)))
		b.wait(`document.querySelector(".grave")`)
	}},
	{"with a gap", withGap},
	{"without a source", func(s *site, b *tab) {
		s.emit(statusOf(stream.Waiting, stream.FaultUnreachable, time.Hour))
		b.waitState("none-coming")
	}},
	{"reconnecting", lost},
	{"offline", func(s *site, b *tab) { b.goOffline(s) }},
	{"of older posts", func(s *site, b *tab) {
		s.publish(40)
		b.visit(s.url + s.olderPath(b.t) + strings.Replace(eval[string](b, `location.search`), "?", "&", 1))
		b.waitState("reading")
	}},
	{"with the day open", withDay},
	{"of a filter", withFilter},
	{"of a filter without posts", withNothingFound},
	{"of a wrong filter", withWrongFilter},
	{"of a moment", withMoment},
	{"of a post", withPost},
	{"of a deleted post", withDeletedPost},
	{"of an error", func(s *site, b *tab) { b.visit(s.url + "/nothing" + eval[string](b, `location.search`)) }},
}

func withEveryKind(s *site, b *tab) {
	s.demo()
	s.emitOdd()
	s.emit(created(everything()))
	b.do(chromedp.Reload())
	b.waitDocument(`document.documentElement.dataset.state === "live" && document.querySelector('[data-post="bluesky:all"]') !== null`)
}

var (
	auditWidths  = []int64{1440, 768, 390, 320}
	auditLangs   = []string{"en", "ja"}
	auditSchemes = []string{"light", "dark"}
	auditLetters = []int64{100, 200}
)

// look is a combination of indexes into auditWidths, auditLangs, auditSchemes and auditLetters.
type look struct{ width, lang, scheme, letters int }

// looksOf returns the looks in which a state is audited: all, or one for each width, chosen such
// that all states together have each pair of two properties.
func looksOf(state int, all bool) (looks []look) {
	for w := range auditWidths {
		if !all {
			looks = append(looks, look{w, (state + w) % 2, (state + w/2) % 2, (state/2 + w/2 + w) % 2})
			continue
		}
		for rest := range 8 {
			looks = append(looks, look{w, rest % 2, rest / 2 % 2, rest / 4})
		}
	}
	return looks
}

func TestLooks_CoverEachPairOfProperties(t *testing.T) {
	pairs := func(all bool) map[string]bool {
		seen := map[string]bool{}
		for state := range audited {
			for _, l := range looksOf(state, all) {
				values := []int{state, l.width, l.lang, l.scheme, l.letters}
				for i := range values {
					for j := range i {
						seen[fmt.Sprint(i, values[i], j, values[j])] = true
					}
				}
			}
		}
		return seen
	}
	if some, all := pairs(false), pairs(true); len(some) != len(all) {
		t.Errorf("%d of %d pairs are covered", len(some), len(all))
	}
}

// With -scale 2 or more, each state is audited in every look.
func TestPage_IsAccessible(t *testing.T) {
	axe := loadAxe(t)
	for i, state := range audited {
		for _, l := range looksOf(i, *scale > 1) {
			px, lang, scheme, percent := auditWidths[l.width], auditLangs[l.lang], auditSchemes[l.scheme], auditLetters[l.letters]
			t.Run(fmt.Sprintf("%s, %d px, %s, %s, %d %%", state.name, px, lang, scheme, percent), func(t *testing.T) {
				t.Parallel()
				s := newSite(t, 0)
				s.publish(10)
				b := openLive(t, s, "/?lang="+lang, width(px), media("prefers-color-scheme", scheme), letters(percent), preload(axe))
				state.arrange(s, b)
				b.audit("a page " + state.name)
			})
		}
	}
}

// The page shows one post of every kind in each color mode. TestPage_IsAccessible audits the states
// of the page.
func TestPage_IsAccessibleInEachColorMode(t *testing.T) {
	axe := loadAxe(t)
	s := newSite(t, 0)
	s.emitOdd()
	s.publish(2)
	for name, mode := range colorModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openLive(t, s, "/?density=compact", width(768), mode, preload(axe))
			b.run(`document.querySelectorAll("details").forEach(cover => (cover.open = true))`)
			b.audit("with a post of every kind")
			b.click("menu-button")
			b.audit("with the menu open")
		})
	}
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
