package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"nagare/stream"
)

// inFinnish is a post in a language of which a page shows the label.
func inFinnish(p *stream.Post) { p.Lang = "fi" }

func TestPage_TheLanguageOfAPostLeadsToThePostsInIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("finnish", inFinnish)))
	s.say("Something in English.")
	b := openLive(t, s, "/")
	x, y := b.middle(`[data-post="bluesky:finnish"] .tweet__lang`)
	b.do(chromedp.MouseClickXY(x, y))
	b.waitDocument(`location.pathname === "/lang/fi" && document.documentElement.dataset.state === "live"`)
	b.wantTexts("after the label", "This is the post with: finnish.")
}

func TestPage_TheLinksOfACardCanBeSeenAndHit(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("finnish", inFinnish)))
	b := openLive(t, s, "/", preload(shapes))
	for _, link := range []string{".tweet__when", ".tweet__lang", ".tweet__original"} {
		x, y := b.middle(link)
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
		b.wait(`document.querySelector("` + link + `").matches(":hover")`)
		if !eval[bool](b, `[...document.querySelectorAll("`+link+`, `+link+` > *")].some(part => getComputedStyle(part).textDecorationLine === "underline" && (part.matches("a") ? !part.querySelector("time") : part.matches("time")))`) {
			t.Errorf("%s isn't underlined under the pointer", link)
		}
	}
	for _, px := range []int64{390, 320} {
		b := openLive(t, s, "/", width(px), preload(shapes))
		b.want("the card", map[string]string{
			"the time is large enough":     `box(document.querySelector(".tweet__when")).width >= 44 && box(document.querySelector(".tweet__when")).height >= 32`,
			"the arrow is large enough":    `box(document.querySelector(".tweet__original")).width >= 36 && box(document.querySelector(".tweet__original")).height >= 24`,
			"the language is large enough": `box(document.querySelector(".tweet__lang")).width >= 24 && box(document.querySelector(".tweet__lang")).height >= 24`,
			"they are apart":               `[[".tweet__when", ".tweet__original"], [".tweet__when", ".tweet__lang"], [".tweet__lang", ".tweet__original"]].every(pair => !overlap(...pair.map(part => document.querySelector(part))))`,
		})
	}
}

func TestFilterBox_TheHelpBesideItHasExamplesToFollow(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("finnish", func(p *stream.Post) { p.Text = said("雨が降る") })))
	s.say("Somebody else.")
	b := openLive(t, s, "/?lang=ja", width(390))
	x, y := b.middle(".filter__help")
	b.do(chromedp.MouseClickXY(x, y))
	b.wait(`document.getElementById("syntax").matches(":popover-open")`)
	if n := eval[int](b, `document.querySelectorAll(".syntax").length`); n != 1 {
		t.Errorf("the page has %d tables", n)
	}
	b.run(`[...document.querySelectorAll("#syntax a")].find(link => link.innerText === "-雨").click()`)
	b.waitDocument(`document.getElementById("q").value === "-雨" && document.documentElement.dataset.state === "live"`)
	b.wantTexts("after the example", "Somebody else.")
	b.visit(s.url + "/?q=nowhere")
	b.run(`document.querySelector(".empty__help").click()`)
	b.wait(`document.getElementById("syntax").matches(":popover-open")`)
}

func TestView_AFilterOfOneTermHasTheTitleOfTheTerm(t *testing.T) {
	s := newSite(t, 0)
	for query, want := range map[string][2]string{
		"lang:ja": {"Posts in Japanese", "日本語の投稿"}, "has:media": {"Posts with pictures", "画像のある投稿"}, "is:reply": {"Replies", "返信"},
		"#go": {"#go", "#go"}, "from:mio": {"Posts by @mio", "@mioの投稿"}, "source:bluesky": {"Posts from Bluesky", "Blueskyの投稿"},
		"-lang:ja": {"Posts that match “-lang:ja”", "「-lang:ja」に一致する投稿"}, "rain": {"Posts that match “rain”", "「rain」に一致する投稿"},
		"rain lang:ja": {"Posts that match “rain lang:ja”", "「rain lang:ja」に一致する投稿"},
	} {
		for i, lang := range []string{"en", "ja"} {
			body := s.body(matching(query), http.Header{"Cookie": {"lang=" + lang}})
			if !strings.Contains(body, `id="title">`+want[i]+`</h1>`) {
				t.Errorf("the page of %s in %s lacks the title %q", query, lang, want[i])
			}
		}
	}
}

// The head of each kind of page takes at most two rows on a phone, and nothing in it overlaps.
func TestPage_TheHeadTakesAtMostTwoRowsOnAPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("one", func(*stream.Post) {})))
	for _, path := range []string{"/", "/?q=has%3Amedia", "/by/bluesky/reader.example.com", "/post/bluesky:one", "/tag/go"} {
		for _, lang := range []string{"en", "ja"} {
			b := openLive(t, s, with(path, "lang="+lang), width(390), preload(shapes))
			b.want(path+" in "+lang, map[string]string{
				"at most two rows":  `box(document.querySelector(".top")).height < 130`,
				"nothing overlaps":  `[...document.querySelectorAll(".top > *")].filter(part => part.checkVisibility()).every((part, i, all) => all.slice(i + 1).every(other => !overlap(part, other)))`,
				"the box has room":  `box(document.getElementById("q")).width > 60`,
				"all is in the row": `[...document.querySelectorAll(".top > *")].filter(part => part.checkVisibility()).every(part => box(part).right <= innerWidth)`,
			})
		}
	}
}

// with adds a parameter to an address.
func with(path, parameter string) string {
	if strings.Contains(path, "?") {
		return path + "&" + parameter
	}
	return path + "?" + parameter
}

func TestMenu_TheHelpOnFiltersDoesNotWidenIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.say("A post.")
	b := openLive(t, s, "/")
	b.click("menu-button")
	b.wait(`document.getElementById("menu").matches(":popover-open")`)
	width := eval[float64](b, `document.getElementById("menu").offsetWidth`)
	b.run(`document.querySelector('#menu [popovertarget="syntax"]').click()`)
	b.wait(`document.getElementById("syntax").matches(":popover-open")`)
	if now := eval[float64](b, `document.getElementById("menu").offsetWidth`); now != 0 && now != width {
		t.Errorf("the menu is %.0f px wide, was %.0f", now, width)
	}
}
