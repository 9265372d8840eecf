package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"nagare/stream"
)

// emitOdd publishes one post of every kind and no other posts.
func (s *site) emitOdd() {
	s.t.Helper()
	for _, post := range odd() {
		s.emit(created(post))
	}
}

// window sets the size of the window, in CSS pixels.
func window(width, height int64) setting {
	return func(b *tab) { b.do(chromedp.EmulateViewport(width, height)) }
}

// want fails the test unless each condition, an expression, is true in the page.
func (b *tab) want(where string, conditions map[string]string) {
	b.t.Helper()
	for what, condition := range conditions {
		if held, err := try[bool](b, "Boolean("+condition+")"); err != nil || !held {
			b.t.Errorf("%s: %s: not so (%v): %s", where, what, err, condition)
		}
	}
}

// shapes defines functions with which an expression can measure elements of the page.
const shapes = `
	const odd = (name, selector = "") => document.querySelector('[data-post="bluesky:' + name + '"] ' + selector)
	const box = element => element.getBoundingClientRect()
	const rows = element => Math.round(box(element).height / parseFloat(getComputedStyle(element).lineHeight))
	const cut = element => element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1
	const overlap = (a, b) => { const p = box(a), q = box(b); return p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom }
`

// inContext lists changes of a post each of which adds a fact to the line of its author.
var inContext = map[string]func(*stream.Post){
	"a reply":      func(p *stream.Post) { p.ReplyTo = &stream.Reply{Handle: "oldbridge", URL: "https://example.com/"} },
	"a thread":     func(p *stream.Post) { p.ReplyTo = &stream.Reply{Handle: p.Author.Handle} },
	"a repost":     func(p *stream.Post) { p.RepostedBy = &stream.Author{Handle: "aiko", Name: "川辺あいこ 🌾"} },
	"many reposts": func(p *stream.Post) { p.RepostedBy, p.Reposts = &stream.Author{Handle: "aiko", Name: "Aiko"}, 1234 },
	"an edit":      func(p *stream.Post) { p.EditedAt = p.CreatedAt.Add(time.Hour) },
	"an old post":  func(p *stream.Post) { p.CreatedAt = p.CreatedAt.AddDate(-3, 0, 0) },
	"a language":   func(p *stream.Post) { p.Lang, p.Text = "ja", said("スープは時間どおり。") },
	"no handle": func(p *stream.Post) {
		p.Author.Handle, p.RepostedBy = "did:plc:unknown", &stream.Author{Handle: "aiko", Name: "Aiko"}
	},
	"all of them": func(p *stream.Post) {
		p.CreatedAt = p.CreatedAt.AddDate(-3, 0, 0)
		p.Lang, p.EditedAt, p.RepostedBy = "de", p.CreatedAt.AddDate(1, 0, 0), &stream.Author{Handle: "aiko", Name: "Aiko"}
		p.ReplyTo = &stream.Reply{Handle: "oldbridge", URL: "https://example.com/"}
	},
	"long names": func(p *stream.Post) {
		long := stream.Author{Handle: "a.very.long.handle.that.never.ends.example.com", Name: "The Society for the Preservation of the Old Bridge of Hinose"}
		p.Author, p.RepostedBy, p.Reposts = long, &long, 3
		p.ReplyTo = &stream.Reply{Handle: "another." + long.Handle, URL: "https://example.com/"}
	},
}

// An underline at the height of an underscore would hide it.
func TestPage_UnderlinesAreBelowUnderscores(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("reply", func(p *stream.Post) {
		p.ReplyTo = &stream.Reply{Handle: "hinose_library", URL: "https://example.com/"}
	})))
	for _, width := range []int64{1440, 390} {
		b := openLive(t, s, "/", window(width, 900), preload(shapes))
		b.want(fmt.Sprintf("%d px", width), map[string]string{"the underline is lower": `(link => {
			const { font, fontSize, textUnderlineOffset } = getComputedStyle(link)
			const canvas = document.createElement("canvas").getContext("2d")
			canvas.font = font
			return parseFloat(fontSize) * parseFloat(textUnderlineOffset) / 100 >= canvas.measureText("_").actualBoundingBoxDescent + 1
		})(odd("reply", ".tweet__replied"))`})
	}
}

func TestPage_TheNumberIsInTheMiddleOfThePill(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	b := openLive(t, s, "/", window(390, 844), preload(shapes))
	b.click("pause")
	s.publish(6)
	b.wait(`document.getElementById("pill").dataset.count === "6"`)
	off := eval[float64](b, `(pill => {
		const text = document.createRange()
		text.selectNodeContents(pill)
		const start = box(text).right + parseFloat(getComputedStyle(pill).columnGap)
		return start + parseFloat(getComputedStyle(pill, "::after").width) / 2 - box(pill).left - box(pill).width / 2
	})(document.getElementById("pill"))`)
	if off < -1 || off > 1 {
		t.Errorf("the number is %.1f px off the middle", off)
	}
}

// A device without a keyboard is offered no shortcuts. Elsewhere, their dialog leaves the header
// uncovered, also in a low window.
func TestPage_OffersNoShortcutsOnATouchScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	for _, touch := range []bool{false, true} {
		b := openLive(t, s, "/", window(390, 500), preload(shapes), func(b *tab) {
			command(b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: touch})
		})
		b.click("menu-button")
		b.wait(`document.querySelector(".menu:popover-open")`)
		if offered := eval[bool](b, `box(document.getElementById("keys")).height > 0`); offered == touch {
			t.Errorf("touch screen %v: the shortcuts are offered: %v", touch, offered)
		}
		b.run(`document.getElementById("help").showModal()`)
		b.want("dialog", map[string]string{
			"it is below the header":  `box(document.getElementById("help")).top >= box(document.querySelector(".header")).bottom`,
			"it is within the window": `box(document.getElementById("help")).bottom <= innerHeight`,
		})
	}
}

func TestPage_LargeLettersAreNotCutOff(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emitOdd()
	for _, width := range []int64{1440, 390, 320} {
		b := openLive(t, s, "/", window(width, 900), letters(200), preload(shapes))
		b.want(fmt.Sprintf("%d px", width), map[string]string{
			"letters are large":        `getComputedStyle(document.querySelector(".tweet__text")).fontSize === "34px"`,
			"names have room":          `[...document.querySelectorAll(".tweet__name, .tweet__profile")].every(name => box(name).width > 60)`,
			"names aren't cut":         `[...document.querySelectorAll(".tweet__name")].every(name => name.scrollHeight <= name.clientHeight + 1)`,
			"the state is in one line": `rows(document.getElementById("status")) === 1 && !cut(document.getElementById("status"))`,
			"the header holds its own": `box(document.querySelector(".header__inner")).bottom >= Math.max(...[...document.querySelectorAll(".header :is(.state, .button, .seal)")].map(e => box(e).bottom)) - 1`,
			"nothing overlaps":         `!overlap(document.querySelector(".state"), document.getElementById("pause")) && !overlap(document.querySelector(".header__site"), document.querySelector(".state"))`,
		})
		b.checkShape()
	}
}

func TestPage_ALongSiteNameLeavesRoomForTheState(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	for _, width := range []int64{768, 390, 320} {
		b := openLive(t, s, "/", window(width, 900), longName, preload(shapes))
		b.want(fmt.Sprintf("%d px", width), map[string]string{
			"letters of it stay":      `box(document.querySelector(".header__name")).width >= 60`,
			"the name is one line":    `rows(document.querySelector(".header__name")) === 1`,
			"it is shortened":         `document.querySelector(".header__name").scrollWidth > document.querySelector(".header__name").clientWidth`,
			"the header keeps height": `box(document.querySelector(".header")).height <= 58`,
			"the state is whole":      `!cut(document.getElementById("status"))`,
			"nothing overlaps":        `!overlap(document.querySelector(".header__site"), document.querySelector(".state")) && !overlap(document.querySelector(".state"), document.getElementById("pause"))`,
		})
		b.checkShape()
		s.lose()
		b.waitState("reconnecting")
		b.run(`document.getElementById("status").textContent = "Reconnecting (try 12)"; document.documentElement.dataset.long = ""`)
		b.want(fmt.Sprintf("%d px, reconnecting", width), map[string]string{
			"letters of it stay":      `box(document.querySelector(".header__name")).width >= 36`,
			"the header keeps height": `box(document.querySelector(".header")).height <= 58`,
			"the state is whole":      `!cut(document.getElementById("status")) && box(document.getElementById("now")).bottom <= box(document.querySelector(".header")).bottom`,
			"nothing overlaps":        `!overlap(document.querySelector(".header__site"), document.querySelector(".state")) && !overlap(document.querySelector(".state"), document.getElementById("pause"))`,
		})
		b.checkShape()
		s.refusing.Store(false)
	}
}

// No element that gets the focus, through Tab or the keys of the list, is covered by the header or
// the pill.
func TestPage_TheFocusedElementIsNotCoveredByTheHeader(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emitOdd()
	for _, c := range []struct{ width, percent int64 }{{1280, 100}, {1440, 200}, {390, 200}, {320, 200}} {
		b := openLive(t, s, "/", window(c.width, 900), letters(c.percent), preload(shapes))
		b.click("pause")
		s.publish(1)
		b.wait(`!document.getElementById("pill").hidden`)
		covered := eval[[]string](b, `(() => {
			const under = []
			const clear = box(document.getElementById("pill")).bottom
			const visit = element => {
				element.focus()
				if (document.activeElement !== element) return
				if (box(element).top < clear - 1 && box(element).height < innerHeight - clear - 8) under.push(element.outerHTML.slice(0, 80) + element.closest("article").dataset.post + " at " + box(element).top + " high " + box(element).height + " scrolled " + scrollY + ", under " + clear)
			}
			scrollTo(0, 1e6)
			const all = [...document.querySelectorAll("#feed > article, #feed :is(a, summary, button)")].filter(e => e.checkVisibility())
			for (const element of all.reverse()) visit(element)
			return under
		})()`)
		for _, what := range covered {
			t.Errorf("%d px at %d %%: %s", c.width, c.percent, what)
		}
	}
}

func TestPage_OpeningAFoldedRowMovesNothingAboveIt(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{1280, 390} {
		s := newSite(t, 0)
		s.publish(30)
		b := openLive(t, s, "/", window(width, 900), preload(shapes))
		s.publish(40)
		b.wait(`[...document.querySelectorAll("#feed > .tweet, .run")].reduce((sum, row) => sum + (parseInt(row.innerText) || 1), 0) === 70 && ` + glideIsOver)
		b.run(`globalThis.run = document.querySelector(".run"); run.scrollIntoView({ block: "center" })`)
		b.settle()
		b.run(`globalThis.above = [...document.querySelectorAll("h1, #feed > article")].findLast(part => part.compareDocumentPosition(run) & Node.DOCUMENT_POSITION_FOLLOWING)
			globalThis.before = box(above).top; globalThis.seq = run.dataset.seq; run.querySelector("button").click()`)
		b.settle()
		b.want(fmt.Sprintf("%d px", width), map[string]string{
			"the newest of its posts takes its place": `above.parentElement && [...document.querySelectorAll("#feed > .tweet")].some(card => card.dataset.seq === seq)`,
			"nothing above moved":                     `Math.abs(box(above).top - before) < 1`,
		})
		b.run(`document.activeElement.blur(); scrollTo(0, 0)`)
		s.publish(1)
		b.waitShown(int(s.posts.Load()))
		b.want("later", map[string]string{"it stays open": `document.querySelector("[data-seq='" + seq + "']").matches(".tweet")`})
	}
}

func TestPage_ThePillCoversNoPostAtTheTop(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(9)
	for _, width := range []int64{1280, 390, 320} {
		b := openLive(t, s, "/", window(width, 900), preload(shapes))
		b.click("pause")
		s.publish(2)
		b.wait(`!document.getElementById("pill").hidden`)
		b.want(fmt.Sprintf("%d px", width), map[string]string{
			"no overlap": `!overlap(document.getElementById("pill"), document.querySelector("#feed > .tweet"))`,
			"it is big":  `box(document.getElementById("pill")).height >= 44`,
		})
	}
}

func TestPost_ItsPageShowsAllTags(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emitOdd()
	b := openLive(t, s, "/", window(390, 900), preload(shapes))
	b.run(`odd("tags", ".tweet__when").click()`)
	b.waitDocument(`location.pathname.startsWith("/post/") && document.querySelector(".tweet__tags") !== null && document.documentElement.dataset.state === "reading"`)
	b.want("on the page of a post", map[string]string{"hashtags wrap": `rows(document.querySelector(".tweet__tags")) > 1`})
}

func TestPage_PostsOfEveryKindHaveTheExpectedLayout(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emitOdd()
	for _, width := range []int64{1280, 390} {
		b := openLive(t, s, "/", window(width, 900), preload(shapes))
		b.run(`for (const image of document.images) image.loading = "eager"`)
		b.wait(`document.querySelectorAll(".media__missing").length === 2 && [...document.images].every(image => image.complete)`)
		b.want(fmt.Sprintf("%d px", width), map[string]string{
			"a long text is cut at twelve lines":  `rows(odd("long", ".tweet__text")) === 12`,
			"and has a button":                    `odd("long", ".fold__summary").checkVisibility()`,
			"a short one has none":                `!odd("two lines", ".fold")`,
			"hashtags are one row":                `rows(odd("tags", ".tweet__tags")) === 1 && odd("tags", ".tweet__tags").children.length === 10`,
			"the fourth of six says two more":     `odd("many", ".media__item:nth-child(4) .media__more").innerText.startsWith("+2")`,
			"a missing picture says what it was":  `odd("broken", ".media__missing").innerText.includes("three ducks")`,
			"under no badge":                      `!odd("broken", ".media__kind").checkVisibility()`,
			"and keeps its room":                  `box(odd("broken", ".media__item")).height > 140`,
			"a film has a mark in its middle":     `Math.abs(box(odd("video", ".media__play")).top + box(odd("video", ".media__play")).height / 2 - box(odd("video", ".media__item")).top - box(odd("video", ".media__item")).height / 2) < 3`,
			"a tall picture fits into the window": `box(odd("video", ".media__image")).height <= innerHeight * .7 + 1`,
			"in its own shape":                    `Math.abs(box(odd("portrait", ".media__image")).width / box(odd("portrait", ".media__image")).height - 800 / 1000) < .03`,
			"a very tall one too, and whole":      `box(odd("tall", ".media__image")).height <= innerHeight * .7 + 1 && getComputedStyle(odd("tall", ".media__image")).objectFit === "contain"`,
			"who is quoted is one line":           `rows(odd("quote", ".quote__by")) === 1`,
			"the title of a page is two at most":  `rows(odd("preview", ".preview__title")) <= 2`,
			"Korean keeps its words":              `getComputedStyle(odd("korean", ".tweet__text")).wordBreak === "keep-all"`,
			"no language is none":                 `odd("no language", ".tweet__text").matches('[lang=""]')`,
			"an answer to oneself is a thread":    `odd("facts", ".tweet__thread").innerText === "Thread" && !odd("facts", ".tweet__replied")`,
			"boxes have corners":                  `[...document.querySelectorAll("article :is(.quote, .preview, .file, .cover)")].every(box => getComputedStyle(box).borderRadius === "8px" && getComputedStyle(box).borderWidth === "1px")`,
		})
		top := eval[float64](b, `box(odd("long")).top + scrollY`)
		b.run(`odd("long", ".fold__summary").click()`)
		b.want("unfolded", map[string]string{
			"all of the text":          `rows(odd("long", ".tweet__text")) > 20`,
			"nothing above moved":      fmt.Sprintf(`Math.abs(box(odd("long")).top + scrollY - %f) < 1`, top),
			"the button says the rest": `odd("long", ".fold__summary").innerText.trim() === "Show less"`,
		})
	}
}
