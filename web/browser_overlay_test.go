package web_test

import (
	"bytes"
	"fmt"
	"image/png"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"nagare/static"
)

// seeThrough makes screenshots without a background where the page has none.
func seeThrough(b *tab) {
	command(b, emulation.SetDefaultBackgroundColorOverride, emulation.SetDefaultBackgroundColorOverrideParams{Color: &cdp.RGBA{A: 0.001}}) // 0 would be left out of the message
}

func TestOverlay_HasNoBackground(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"light", "dark"} {
		s := newSite(t, 0)
		s.publish(3)
		b := openLive(t, s, "/overlay?bg=000", window(1280, 720), media("prefers-color-scheme", scheme))
		seeThrough(b)
		b.wait(`document.getAnimations().length === 0`)
		b.settle()
		shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(shot))
		if err != nil {
			t.Fatal(err)
		}
		clear, solid := 0, 0
		for y := range 720 {
			for x := range 1280 {
				switch _, _, _, alpha := picture.At(x, y).RGBA(); alpha {
				case 0:
					clear++
				case 0xffff:
					solid++
				}
			}
		}
		if clear < 1280*720/2 || solid < 20_000 {
			t.Errorf("%s: %d clear points, %d solid ones", scheme, clear, solid)
		}
	}
}

func TestOverlay_PostsRiseFromTheBottomAndFade(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(2)
	b := openLive(t, s, "/overlay?every=1&max=3&fade=600", window(1280, 720))
	s.publish(3)
	b.wait(on("replay:5"))
	b.want("the overlay", map[string]string{
		"has the newest":       cardsOn + `.join() === "replay:3,replay:4,replay:5"`,
		"newest at the bottom": `document.querySelector("#feed > .tweet:last-child").getBoundingClientRect().bottom > innerHeight * .9`,
		"has no scroll bar":    `document.documentElement.scrollHeight <= innerHeight`,
	})
	s.emit(destroyed(madeUp(4)))
	b.wait("!" + on("replay:4"))
	s.screen("", "replay:1")
	b.wait(cardsOn + `[0] === "replay:1"`)

	fading := openLive(t, s, "/overlay?fade=1", window(1280, 720))
	fading.wait(cardsOn + `.join() === "replay:1"`) // the pin stays
	s.screen("blank")
	fading.wait(cardsOn + `.length === 0`)
}

func TestOverlay_Screenshots(t *testing.T) {
	notShort(t, "runs Chromium")
	for name, query := range map[string]string{"overlay": "?max=4", "overlay-bare-japanese": "?bg=&lang=ja&max=3", "overlay-light": "?theme=light&bg=fffc"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			s.demo()
			b := openLive(t, s, "/overlay"+query, window(1920, 1080))
			b.run(fmt.Sprintf(`void (document.documentElement.style.background = "url(%s) center / cover")`, static.URL("demo/river.svg")))
			b.settle()
			b.shoot(name)
		})
	}
}
