package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"nagare/web"
)

// quick makes long timers of the page short.
const quick = `{ const later = setTimeout, again = setInterval
	globalThis.setTimeout = (f, ms, ...rest) => later(f, ms === 30_000 ? 300 : ms, ...rest)
	globalThis.setInterval = (f, ms, ...rest) => again(f, ms === 60_000 ? 100 : ms, ...rest) }`

func TestWall_ALostLinkShowsADotAndThePostsStay(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	b := openLive(t, s, "/wall?every=1", window(1920, 1080), preload(quick))
	dot := `document.querySelector(".wall__lost").checkVisibility()`
	if eval[bool](b, dot) {
		t.Error("a wall with a connection shows the dot")
	}
	back := s.lose()
	b.wait(dot)
	if got := eval[int](b, cardsOn+`.length`); got != 3 {
		t.Errorf("without a connection, the wall shows %d posts", got)
	}
	s.emit(destroyed(madeUp(1)))
	back()
	b.wait("!" + dot + " && !" + on("replay:1"))
}

// After a restart without a file, the log is another one.
func TestWall_ForgetsWhatIsGoneAfterAGap(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	b := openLive(t, s, "/wall?every=1", window(1920, 1080))
	s.stop()
	s.start()
	s.publish(1)
	b.wait(on("replay:4") + " && !" + on("replay:1"))
}

// countRefused counts the answers with an error.
const countRefused = `{ globalThis.refused = 0
	const ask = fetch
	globalThis.fetch = async (...about) => { const answer = await ask(...about); if (!answer.ok) refused++; return answer } }`

func TestWall_LoadsANewVersionButNoErrorPage(t *testing.T) {
	t.Parallel()
	version := "1"
	s := newSite(t, 0, func(c *web.Config) { c.Version = version })
	s.publish(1)
	b := openLive(t, s, "/wall", window(1920, 1080), preload(quick+countRefused))
	first := eval[string](b, `globalThis.first = document.getElementById("feed").dataset.revision`)
	front := s.behindProxy("/wall", http.StatusBadGateway)
	version = "2"
	s.stop()
	s.start()
	b.wait(`refused > 1`)
	if eval[string](b, `first`) != first {
		t.Error("the wall was loaded again while its address answers with an error")
	}
	front.open()
	b.waitDocument(`document.getElementById("feed").dataset.revision !== "` + first + `"`)
}

// The operator gives the site a logo and a name, and starts it again.
func TestWall_ShowsANewBrandAfterARestartAlsoWhileItIsBlank(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/wall", "/overlay", "/embed"} {
		name, brand := "Nagare", web.Brand{}
		s := newSite(t, 0, func(c *web.Config) { c.Site, c.Brand = name, brand })
		s.publish(1)
		s.screen("blank")
		b := openLive(t, s, path, preload(quick))
		name, brand = "River Days 2026", web.Brand{Logo: []byte("<svg/>"), LogoType: "image/svg+xml"}
		s.stop()
		s.start()
		b.waitDocument(`document.title.includes("River Days 2026")`)
		if path == "/wall" && !eval[bool](b, `document.querySelector(".wall__head > .seal--logo").checkVisibility()`) {
			t.Error("the wall has no logo")
		}
	}
}

func TestWall_WithoutPostsSaysWhatItListensTo(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for path, want := range map[string]string{"/wall": "Nagare", "/wall/tag/go?spotlight=1": "#go"} {
		b := openLive(t, s, path, window(1920, 1080))
		empty := `document.querySelector(".wall__empty")`
		if !eval[bool](b, empty+`.checkVisibility() && `+empty+`.innerText.includes("`+want+`")`) {
			t.Errorf("%s says %q", path, eval[string](b, empty+`.innerText`))
		}
		s.screen("blank")
		b.wait(`!` + empty + `.checkVisibility()`)
		s.screen("")
		b.wait(empty + `.checkVisibility()`)
		if path == "/wall" {
			s.publish(1)
			b.wait(`!` + empty + `.checkVisibility()`)
			s.emit(destroyed(madeUp(1)))
			b.wait(empty + `.checkVisibility()`)
		}
	}
}

func TestWall_MovesByAPixelEachMinute(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	b := openLive(t, s, "/wall", window(1920, 1080), preload(quick))
	b.run(`globalThis.places = new Set(); new MutationObserver(() => places.add(document.body.style.translate)).observe(document.body, { attributes: true })`)
	b.wait(`places.size >= 8`)
	if eval[bool](b, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("the page can be scrolled")
	}
}

func TestWall_KeepsTheDisplayOnAndHidesThePointer(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	b := openLive(t, s, "/wall", window(1920, 1080), preload(`
		Object.defineProperty(navigator, "wakeLock", { value: { request: async kind => void (globalThis.lock = kind) } })
		Element.prototype.requestFullscreen = async function () { globalThis.full = this.localName }`))
	b.wait(`lock === "screen"`)
	b.wait(`getComputedStyle(document.body).cursor === "none"`)
	b.run(`dispatchEvent(new PointerEvent("pointermove"))`)
	b.wait(`getComputedStyle(document.body).cursor !== "none"`)
	b.press("f")
	b.wait(`full === "html"`)
}

// The code has to lead to the page, with a light zone around it.
func TestWall_HasACodeOfThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	b := openLive(t, s, "/wall/tag/go", window(1920, 1080))
	b.want("the code", map[string]string{
		"is large":        `document.querySelector(".wall__qr").getBoundingClientRect().width >= 160`,
		"has a zone":      `document.querySelector(".wall__qr").getAttribute("viewBox").startsWith("-4 -4 ")`,
		"black on white":  `getComputedStyle(document.querySelector(".wall__qr")).backgroundColor === "rgb(255, 255, 255)"`,
		"has the address": `document.querySelector(".wall__address").textContent.endsWith("/tag/go")`,
	})
}

func TestWall_StaysSmallThroughANight(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	b := openLive(t, s, "/wall?every=1", window(1920, 1080))
	for range 5 {
		s.publish(400)
		b.wait(on(fmt.Sprintf("replay:%d", s.posts.Load()-7)))
		if n := eval[int](b, `document.querySelectorAll(".tweet").length`); n > 60 {
			t.Errorf("%d cards", n)
		}
	}
}

func TestScreens_RefuseWrongParameters(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for query, want := range map[string]string{
		"columns=9":             `columns: "9", want a number from 1 to 4`,
		"every=0":               `every: "0", want a number from 1 to 3600`,
		"spotlight=yes":         `spotlight: "yes", want 1 or 0`,
		"theme=blue":            `theme: "blue", want auto, light, dark`,
		"colour=red":            `"colour": unknown, want q, lang, theme, keep, columns, spotlight, every, again`,
		"spotlight=1&columns=2": "columns, spotlight: given together, want one of them",
	} {
		if resp := s.get("/wall?"+query, nil); resp.StatusCode != 400 {
			t.Errorf("%s: %s", query, resp.Status)
		} else if got := s.body("/wall?"+query, nil); got != want+"\n" {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestScreens_HaveNoViolationThatAxeFinds(t *testing.T) {
	t.Parallel()
	script := loadAxe(t)
	s := newSite(t, 0)
	s.publish(10)
	for _, path := range []string{"/wall", "/wall?spotlight=1&theme=dark", "/overlay?bg=000", "/embed", "/embed?theme=dark"} {
		b := openLive(t, s, path, window(1920, 1080))
		b.wait(`document.getAnimations().length === 0`)
		b.run(script + `;void 0`)
		for _, violation := range eval[[]string](b, audit, chromedp.EvalAwaitPromise) {
			t.Errorf("%s: %s", path, violation)
		}
	}
}
