package web_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"nagare/stream"
)

// scene is a state of the page for a screenshot, which a person inspects.
type scene struct {
	name     string
	path     string
	settings []setting
	arrange  func(*site, *tab)
}

var scenes = []scene{
	{name: "light", settings: []setting{width(1280)}},
	{name: "dark", settings: []setting{width(1280), media("prefers-color-scheme", "dark")}},
	{name: "japanese", path: "?lang=ja", settings: []setting{width(1280)}},
	{name: "phone", settings: []setting{width(390)}},
	{name: "phone-dark-japanese", path: "?lang=ja", settings: []setting{width(390), media("prefers-color-scheme", "dark")}},
	{name: "narrow", settings: []setting{width(320)}, arrange: pausedWithPill},
	{name: "tablet", settings: []setting{width(768)}},
	{name: "wide", settings: []setting{width(1440)}},
	{name: "reading", settings: []setting{width(1440)}, arrange: readingWithPill},
	{name: "reading-phone", settings: []setting{width(390)}, arrange: readingWithPill},
	{name: "reading-phone-japanese-dark", path: "?lang=ja", settings: []setting{width(390), media("prefers-color-scheme", "dark")}, arrange: readingWithPill},
	{name: "paused-phone", settings: []setting{width(390)}, arrange: pausedWithPill},
	{name: "older-phone", settings: []setting{width(390)}, arrange: withOlder},
	{name: "paused", settings: []setting{width(1280)}, arrange: pausedWithPill},
	{name: "new", settings: []setting{width(1280), media("prefers-reduced-motion", "reduce")}, arrange: arriving},
	{name: "busy", settings: []setting{width(1280)}, arrange: folded},
	{name: "gap", settings: []setting{width(1280)}, arrange: withGap},
	{name: "deleted", settings: []setting{width(1280)}, arrange: withGrave},
	{name: "help", settings: []setting{width(1280)}, arrange: func(_ *site, b *tab) { b.press("?"); b.wait(`document.getElementById("help").open`) }},
	{name: "reconnecting", settings: []setting{width(1280)}, arrange: lost},
	{name: "reconnecting-phone", settings: []setting{width(390)}, arrange: lost},
	{name: "no-script", settings: []setting{width(1280), withoutScript}},
	{name: "menu", settings: []setting{width(1280)}, arrange: menuOpen},
	{name: "menu-phone-dark", settings: []setting{width(390), media("prefers-color-scheme", "dark")}, arrange: menuOpen},
	{name: "menu-japanese-narrow", path: "?lang=ja", settings: []setting{width(320)}, arrange: menuOpen},
	{name: "compact", path: "?density=compact", settings: []setting{width(1440)}},
	{name: "compact-phone", path: "?density=compact", settings: []setting{width(390)}},
	{name: "large-letters", settings: []setting{width(1280), letters(200)}, arrange: oddities},
	{name: "large-letters-phone", settings: []setting{width(390), letters(200)}, arrange: pausedWithPill},
	{name: "large-letters-narrow", path: "?lang=ja", settings: []setting{width(320), letters(200)}},
	{name: "forced-colors", settings: []setting{width(1280), media("forced-colors", "active")}, arrange: oddities},
	{name: "forced-colors-dark", settings: []setting{width(1280), forcedDark}, arrange: oddities},
	{name: "more-contrast", settings: []setting{width(1280), media("prefers-contrast", "more")}, arrange: oddities},
	{name: "more-contrast-dark", settings: []setting{width(390), moreContrastDark}, arrange: oddities},
	{name: "odd", settings: []setting{width(1280)}, arrange: oddities},
	{name: "odd-dark", settings: []setting{width(768), media("prefers-color-scheme", "dark")}, arrange: oddities},
	{name: "odd-phone", settings: []setting{width(390)}, arrange: oddities},
	{name: "odd-phone-japanese-dark", path: "?lang=ja", settings: []setting{width(390), media("prefers-color-scheme", "dark")}, arrange: oddities},
	{name: "odd-narrow", settings: []setting{width(320)}, arrange: oddities},
	{name: "context", settings: []setting{width(1440)}, arrange: contexts},
	{name: "context-phone", settings: []setting{width(390)}, arrange: contexts},
	{name: "context-japanese-dark", path: "?lang=ja", settings: []setting{width(768), media("prefers-color-scheme", "dark")}, arrange: contexts},
	{name: "context-phone-japanese-dark", path: "?lang=ja", settings: []setting{width(390), media("prefers-color-scheme", "dark")}, arrange: contexts},
	{name: "context-narrow", settings: []setting{width(320)}, arrange: contexts},
	{name: "context-large-letters-phone", settings: []setting{width(390), letters(200)}, arrange: contexts},
	{name: "picture", settings: []setting{width(1440)}, arrange: pictureOpen},
	{name: "picture-dark", settings: []setting{width(1440), media("prefers-color-scheme", "dark")}, arrange: pictureOpen},
	{name: "picture-phone", settings: []setting{window(390, 844)}, arrange: pictureOpen},
	{name: "picture-phone-japanese-dark", path: "?lang=ja", settings: []setting{window(390, 844), media("prefers-color-scheme", "dark")}, arrange: pictureOpen},
	{name: "picture-video", settings: []setting{width(1280)}, arrange: videoOpen},
	{name: "picture-missing", settings: []setting{width(768)}, arrange: missingOpen},
	{name: "print", settings: []setting{width(794), printed}, arrange: oddities},
	{name: "long-name", settings: []setting{width(768), longName}},
	{name: "long-name-phone", settings: []setting{width(390), longName}, arrange: lost},
	{name: "long-name-narrow", settings: []setting{width(320), longName}, arrange: pausedWithPill},
	{name: "pinned", settings: []setting{window(1280, 1200)}, arrange: pinnedPosts},
	{name: "pinned-dark", settings: []setting{width(1280), media("prefers-color-scheme", "dark")}, arrange: pinnedPosts},
	{name: "pinned-phone", settings: []setting{window(390, 1400)}, arrange: pinnedPosts},
	{name: "pinned-phone-japanese-dark", path: "?lang=ja", settings: []setting{window(390, 844), media("prefers-color-scheme", "dark")}, arrange: pinnedPosts},
	{name: "filter", settings: []setting{width(1280)}, arrange: withFilter},
	{name: "filter-phone-dark-japanese", path: "?lang=ja", settings: []setting{width(390), media("prefers-color-scheme", "dark")}, arrange: withFilter},
	{name: "filter-none-phone", settings: []setting{width(390)}, arrange: withNothingFound},
	{name: "filter-wrong", settings: []setting{width(1280)}, arrange: withWrongFilter},
	{name: "filter-wrong-phone-dark-japanese", path: "?lang=ja", settings: []setting{width(390), media("prefers-color-scheme", "dark")}, arrange: withWrongFilter},
	{name: "moment", settings: []setting{width(1280)}, arrange: withMoment},
	{name: "moment-phone-dark-japanese", path: "?lang=ja", settings: []setting{width(390), media("prefers-color-scheme", "dark")}, arrange: withMoment},
	{name: "day", settings: []setting{width(1280)}, arrange: withDay},
	{name: "day-phone-japanese", path: "?lang=ja", settings: []setting{width(390)}, arrange: withDay},
	{name: "post", settings: []setting{width(1280)}, arrange: withPost},
	{name: "post-phone-dark-japanese", path: "?lang=ja", settings: []setting{width(390), media("prefers-color-scheme", "dark")}, arrange: withPost},
	{name: "post-deleted-phone", settings: []setting{width(390)}, arrange: withDeletedPost},
	{name: "bottom", settings: []setting{width(1280)}, arrange: func(_ *site, b *tab) { b.run(`scrollTo(0, 1e6)`); b.wait(`scrollY > 0`) }},
}

func pausedWithPill(s *site, b *tab) {
	b.click("pause")
	s.publish(24)
	b.wait(`document.getElementById("pill").dataset.count === "24"`)
}

func readingWithPill(s *site, b *tab) {
	b.run(`scrollTo(0, 900)`)
	b.wait(`scrollY === 900`)
	s.publish(24)
	b.wait(`document.getElementById("pill").dataset.count === "24"`)
}

func withOlder(_ *site, b *tab) {
	b.run(`document.getElementById("older").scrollIntoView({ block: "center" })`)
	b.settle()
	x, y := b.middle("#older")
	n := eval[int](b, `document.querySelectorAll("#feed > .tweet").length`)
	b.do(chromedp.MouseClickXY(x, y))
	b.wait(fmt.Sprintf(`document.querySelectorAll("#feed > .tweet").length > %d`, n))
	b.settle()
}

func arriving(s *site, b *tab) {
	s.publish(3)
	b.wait(`document.querySelector("#feed > article").dataset.post === "replay:3" && ` + glideIsOver)
}

func folded(s *site, b *tab) {
	s.publish(60)
	b.wait(`document.querySelector(".run") && ` + glideIsOver)
}

func withGap(s *site, b *tab) {
	back := s.lose()
	b.waitState("reconnecting")
	s.publish(600)
	back()
	b.click("now")
	b.wait(`document.querySelector(".gap")`)
	b.run(`document.querySelector(".gap").scrollIntoView({ block: "center" })`)
}

func withGrave(s *site, b *tab) {
	arriving(s, b)
	s.emit(destroyed(madeUp(2)))
	b.wait(`document.querySelector(".grave") && !document.querySelector("[data-new]")`)
}

func menuOpen(_ *site, b *tab) {
	b.click("menu-button")
	b.wait(`document.getElementById("menu").matches(":popover-open")`)
}

// oddities shows one post of every kind in a window as tall as the page.
func oddities(s *site, b *tab) {
	for _, post := range odd() {
		s.emit(created(post))
	}
	b.run(`location.reload()`)
	b.waitDocument(`document.querySelector('[data-post="bluesky:sound"]:not([data-new])') !== null && document.documentElement.dataset.state === "live"`)
	b.unrollTo(9000)
	b.wait(`document.querySelectorAll(".media__missing").length > 1`)
}

// contexts shows posts of one line with everything that the line of the author can say.
func contexts(s *site, b *tab) {
	for _, name := range slices.Sorted(maps.Keys(inContext)) {
		s.emit(created(shortPost(name)))
	}
	b.run(`location.reload()`)
	b.waitDocument(`document.querySelector('[data-post="bluesky:many reposts"]:not([data-new])') !== null && document.documentElement.dataset.state === "live"`)
	b.unrollTo(1200)
}

// pictureOpen shows the third of six pictures large.
func pictureOpen(s *site, b *tab) {
	post := sixPictures(1)
	post.Media[2].Alt = "A heron stands in shallow water, one leg drawn up. Behind it the old bridge and three lit lanterns."
	s.emit(created(post))
	b.wait(`document.querySelector("#feed > article").dataset.post === "replay:1"`)
	b.openPicture(3)
	b.wait(`document.querySelector(".viewer__image").complete`)
	b.settle()
}

func videoOpen(s *site, b *tab) {
	s.emit(created(oddPost("video", func(p *stream.Post) {
		p.Media = []stream.Media{picture("video", "fireworks", "Fireworks over the river.", 800, 1100)}
	})))
	b.wait(`document.querySelector("#feed > article").dataset.post === "bluesky:video"`)
	b.openPicture(1)
	b.settle()
}

func missingOpen(s *site, b *tab) {
	s.emit(created(oddPost("gone", func(p *stream.Post) {
		p.Media = []stream.Media{picture("image", "gone", "A ferry that turns round in the middle of the river.", 1200, 800)}
	})))
	b.wait(`document.querySelector("#feed > article").dataset.post === "bluesky:gone"`)
	b.openPicture(1)
	b.wait(`document.querySelector(".viewer .media__missing")`)
}

// longName replaces the name of the site with one that is too long for the header.
func longName(b *tab) {
	preload(`addEventListener("DOMContentLoaded", () => (document.querySelector(".header__name").textContent = "The River Festival of Hinose and its Surrounding Villages"))`)(b)
}

// pinnedPosts pins two posts of the demo.
func pinnedPosts(s *site, b *tab) {
	s.screen("", eval[[]string](b, `[...document.querySelectorAll("#feed > .tweet")].slice(5, 7).map(card => card.dataset.post)`)...)
	b.reload()
}

func lost(s *site, b *tab) {
	s.lose()
	b.waitState("reconnecting")
}

func TestPage_Screenshots(t *testing.T) {
	notShort(t, "runs Chromium")
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			s.demo()
			b := open(t, s, "/"+sc.path, sc.settings...)
			if sc.name != "no-script" {
				b.waitState("live")
			}
			if sc.arrange != nil {
				sc.arrange(s, b)
			}
			b.shoot(sc.name)
			b.checkShape()
		})
	}
}

// shoot writes a screenshot to the directory in the variable NAGARE_SCREENSHOTS, if it is set.
func (b *tab) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("NAGARE_SCREENSHOTS")
	if dir == "" {
		return
	}
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), shot, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// checkShape expects that no element reaches beyond the left or right side of the window, and that
// the levels of headings are in order.
func (b *tab) checkShape() {
	b.t.Helper()
	if wide := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		b.t.Errorf("the page is %d px too wide", wide)
	}
	if n := eval[int](b, `document.querySelectorAll("h1").length`); n != 1 {
		b.t.Errorf("%d main headings, want 1", n)
	}
	if n := eval[int](b, `document.querySelectorAll("h3, h4, h5, h6").length`); n != 0 {
		b.t.Errorf("%d headings below the second level, want none", n)
	}
}
