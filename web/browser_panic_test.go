package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"nagare/stream/moderation"
	"nagare/web"
)

const aDrawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><path fill="#0b5fff" d="M0 0h40v20H0z"/></svg>`

const panicButtons = `[...document.querySelectorAll(".panic__button")]`

func TestDesk_TheButtonsForAllScreensKeepTheirPlaces(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After, func(c *web.Config) {
		c.Brand = web.Brand{Style: []byte(":root { --accent: #123456; }"), Logo: []byte(aDrawing), LogoType: "image/svg+xml"}
	})
	for _, px := range []int64{1280, 390} {
		b := openDesk(t, s, "Aiko", width(px))
		places := func() string {
			return eval[string](b, panicButtons+`.map(button => { const { left, top, width } = button.getBoundingClientRect(); return [left, top, width].join(" ") }).join()`)
		}
		words := panicButtons + `.map(button => button.innerText).join()`
		before := places()
		x, y := b.middle(`.panic__button[data-state="freeze"]`)
		b.do(chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
		b.wait(words + ` === "Resume,Blank" && document.querySelector(".panic__word").innerText === "FROZEN"`)
		if got := string(d.Settings().Screen); got != "freeze" {
			t.Errorf("%d px: after a double click on Freeze, the screens are %q", px, got)
		}
		if after := places(); after != before {
			t.Errorf("%d px: the buttons have moved from %s to %s", px, before, after)
		}
		if !eval[bool](b, `document.querySelector(".admin__head .seal--logo").getBoundingClientRect().width > 20`) {
			t.Errorf("%d px: the header has no logo", px)
		}
		if got := eval[string](b, `getComputedStyle(document.querySelector('.panic__button[data-state="blank"]')).color`); got != "rgb(164, 38, 44)" {
			t.Errorf("%d px: the colour is %s", px, got)
		}
		b.do(chromedp.MouseClickXY(x, y))
		b.wait(words + ` === "Freeze,Blank" && !document.querySelector(".panic__word").checkVisibility()`)
		b.press("x")
		b.wait(words + ` === "Freeze,Resume" && document.querySelector(".panic__word").innerText === "BLANK"`)
		b.press("x")
		b.wait(words + ` === "Freeze,Blank"`)
	}
}

// On a phone, the buttons of the selected post are in a bar at the bottom.
func TestDesk_OnAPhoneTheButtonsOfThePostAreInABar(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.queue(20)
	b := openDesk(t, s, "Aiko", window(390, 844))
	selected := `document.querySelector(".item[data-selected]").dataset.item`
	b.wait(selected + ` === "bluesky:1"`)
	b.want("the bar", map[string]string{
		"alone has buttons": `[...document.querySelectorAll(".item .act")].filter(act => act.checkVisibility()).every(act => act.closest("[data-selected]"))`,
		"is near the thumb": `document.querySelector("[data-selected] .act--approve").getBoundingClientRect().top > 700`,
		"covers no tab":     `document.querySelector("[data-selected] form").getBoundingClientRect().bottom <= document.querySelector(".tabs").getBoundingClientRect().top + 1`,
	})
	b.run(`document.querySelector('[data-item="bluesky:2"] .tweet__text').click()`)
	b.wait(selected + ` === "bluesky:2"`)
	b.run(`document.querySelector("[data-selected] .act--approve").focus(); document.querySelector("[data-selected] .act--approve").click()`)
	b.wait(fmt.Sprintf(`!%s && %s === "bluesky:3"`, in("waiting", "bluesky:2"), selected))
	b.wait(`!document.getElementById("told").hidden`)
	if !eval[bool](b, `document.getElementById("told").getBoundingClientRect().bottom <= document.querySelector("[data-selected] form").getBoundingClientRect().top`) {
		t.Error("what was done covers the buttons")
	}
	b.run(`document.activeElement.blur(); scrollTo(0, document.body.scrollHeight)`)
	b.wait(`document.querySelector("[data-selected] .tweet").getBoundingClientRect().bottom > 0`)
}
