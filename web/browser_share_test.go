package web_test

import (
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"nagare/stream"
)

func TestPost_ItsPageCopiesItsLink(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("one/two", func(p *stream.Post) {})))
	s.say("A post by somebody else.")
	b := openLive(t, s, "/")
	b.run(`document.querySelector('[data-post="bluesky:one/two"] .tweet__when').click()`)
	b.waitDocument(`location.pathname === "/post/bluesky:one%2Ftwo" && document.documentElement.dataset.state === "reading"`)
	permission := cdpbrowser.SetPermissionParams{
		Permission:       &cdpbrowser.PermissionDescriptor{Name: "clipboard-write"},
		Setting:          "granted", // as browsers do that have a window
		BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
	}
	command(b, cdpbrowser.SetPermission, permission)
	x, y := b.middle("#share")
	b.do(chromedp.MouseClickXY(x, y))
	b.wait(`document.getElementById("share").innerText === "Copied" && document.getElementById("announce").innerText === "Copied"`)
	b.run(`document.getElementById("q").focus()`)
	command(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "v", Code: "KeyV", Modifiers: 2, Commands: []string{"paste"}})
	if got, want := eval[string](b, `document.getElementById("q").value`), s.url+"/post/bluesky:one%2Ftwo"; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	b.wait(`document.getElementById("share").innerText === "Copy link"`)
	b.run(`[...document.querySelectorAll("main a")].find(link => link.innerText === "Posts by @reader.example.com").click()`)
	b.waitDocument(`location.pathname === "/by/bluesky/reader.example.com" && document.documentElement.dataset.state === "live"`)
	b.wantTexts("after the link to the author", "This is the post with: one/two.")
}

// The share sheet of a device can't be opened in a test.
func TestPost_ItsPageOffersTheDevicesShareSheetOnATouchScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.say("A heron.")
	sheet := preload(`Navigator.prototype.share = async ({ url }) => { globalThis.shared = url; throw new DOMException("nobody chose", "AbortError") }
		{ const real = matchMedia; globalThis.matchMedia = query => query === "(pointer: coarse)" ? { matches: true } : real(query) }`)
	b := openLive(t, s, "/post/replay:1?lang=ja", sheet)
	b.wait(`document.getElementById("share").innerText === "共有"`)
	b.click("share")
	b.wait(`globalThis.shared?.endsWith("/post/replay:1")`)
	if body := s.body("/post/replay:1", nil); !strings.Contains(body, `id="share"`) || !strings.Contains(body, " hidden>Copy link") {
		t.Error("without script, a button that does nothing is shown")
	}
}

func TestPage_LinksOfPostsLeadToPagesOfTheSite(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("tagged", func(p *stream.Post) {
		p.Text = []stream.Segment{{Text: "Look: "}, {Kind: stream.Hashtag, Text: "#川まつり", Href: "https://example.com/tags"}}
	})))
	s.say("Something else.")
	b := openLive(t, s, "/")
	b.run(`document.querySelector(".tweet__text a").click()`)
	b.waitDocument(`decodeURI(location.pathname) === "/tag/川まつり" && document.documentElement.dataset.state === "live"`)
	b.wantTexts("after the hashtag", "Look: #川まつり")
	b.want("the card", map[string]string{
		"the arrow opens the original in a new tab": `document.querySelector(".tweet__original").href === "https://example.com/post" && document.querySelector(".tweet__original").target === "_blank"`,
		"the hashtag stays in this tab":             `document.querySelector(".tweet__text a").target === ""`,
	})
}

// A store can have cards from before posts had pages of their own. Their time is the link to the original.
func TestPage_ACardFromBeforePagesOfPostsKeepsItsLink(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	const card = `<article class="tweet" data-post="old" aria-labelledby="who age"><svg class="tweet__mark" aria-hidden="true"><use href="#mark-post"></use></svg>` +
		`<a class="tweet__when tweet__original" href="https://example.com/1" rel="noopener noreferrer nofollow ugc" target="_blank"><time class="tweet__age" id="age" datetime="2026-03-14T12:00:00Z" title="2026-03-14 12:00 UTC" data-time="age">2026-03-14</time><span class="hidden"> <span data-t="view">View post</span></span></a>` +
		`<span class="tweet__avatar" aria-hidden="true">A</span><div class="tweet__by"><h2 class="tweet__name" id="who">Aiko</h2><div class="tweet__facts"><span class="tweet__handle"><bdi class="tweet__profile">@aiko</bdi></span></div></div>` +
		`<div class="tweet__body"><p class="tweet__text">An old post.</p></div></article>`
	if _, err := s.channel.Trigger(t.Context(), "create", map[string]string{"id": "old", "html": card}); err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{1280, 390} {
		b := openLive(t, s, "/", window(width, 844), preload(shapes))
		b.want("the card", map[string]string{
			"the time is in its place":        `box(document.querySelector(".tweet__when")).width >= 24 && !overlap(document.querySelector(".tweet__when"), document.querySelector(".tweet__name"))`,
			"in one line with the author":     `Math.abs(box(document.querySelector(".tweet__age")).bottom - box(document.querySelector(".tweet__name")).bottom) < 8`,
			"it has no arrow beside the time": `getComputedStyle(document.querySelector(".tweet__original"), "::before").content === "none"`,
		})
		b.checkShape()
	}
}

// Where the browser can't copy, the page shows the address to copy, selected.
func TestPost_ItsPageShowsItsLinkWhereTheBrowserCannotCopy(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.say("A heron.")
	for name, clipboard := range map[string]string{
		"refused": `Clipboard.prototype.writeText = async () => { throw new DOMException("no", "NotAllowedError") }`,
		"missing": `Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined })`,
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, s, "/post/replay:1", preload(clipboard))
			b.waitState("reading")
			b.click("share")
			b.wait(`document.getElementById("announce").innerText === "Not copied. The address is selected."`)
			if got, want := eval[string](b, `getSelection().toString()`), s.url+"/post/replay:1"; got != want {
				t.Errorf("%q is selected, want %q", got, want)
			}
		})
	}
}

// The names of the links of a card are visible while the pointer is over them.
func TestCard_ItsLinksSayWhereTheyLead(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("one", func(p *stream.Post) {})))
	b := openLive(t, s, "/", window(1280, 600))
	for link, want := range map[string]string{".tweet__when": "Link to this post", ".tweet__original": "View on Bluesky"} {
		shown := `(tip => tip.innerText.trim() + (tip.offsetHeight > 10 && getComputedStyle(tip).clipPath === "none"))(document.querySelector("` + link + ` > .hidden"))`
		if got := eval[string](b, shown); got != want+"false" {
			t.Errorf("at first: %q", got)
		}
		x, y := b.middle(link)
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
		b.wait(shown + ` === "` + want + `true"`)
	}
}
