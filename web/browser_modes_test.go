package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"nagare/stream"
)

// Preferences of the reader that change colours, and print

// colorModes are the modes in which the browser or the style sheet replaces colours.
var colorModes = map[string]setting{
	"light":               func(*tab) {},
	"dark":                media("prefers-color-scheme", "dark"),
	"more contrast":       media("prefers-contrast", "more"),
	"more contrast, dark": moreContrastDark,
	"forced colours":      media("forced-colors", "active"),
	"forced colours dark": forcedDark,
}

// screenshot returns a picture of the window, in CSS pixels.
func (b *tab) screenshot() image.Image {
	b.t.Helper()
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Fatal(err)
	}
	return picture
}

// strongest returns the strongest contrast between two pixels of a rectangle in a picture.
func strongest(picture image.Image, x, y, width, height float64) float64 {
	darkest, lightest := 1., 0.
	for py := int(math.Ceil(y)); py < int(y+height); py++ {
		for px := int(math.Ceil(x)); px < int(x+width); px++ {
			l := luminance(picture.At(px, py))
			darkest, lightest = min(darkest, l), max(lightest, l)
		}
	}
	return (lightest + .05) / (darkest + .05)
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= .04045 {
			return s / 12.92
		}
		return math.Pow((s+.055)/1.055, 2.4)
	}
	return .2126*linear(r) + .7152*linear(g) + .0722*linear(b)
}

// The test measures pixels, because the colours that the browser forces are in no computed style.
func TestPage_GraphicsCanBeSeenInEachColorMode(t *testing.T) {
	t.Parallel()
	s := newSite(t, 60)
	s.publish(3)
	first, second := 61, 9
	s.emit(created(oddPost("poll", func(p *stream.Post) {
		p.Poll = &stream.Poll{Options: []stream.PollOption{{Title: "Ferry", Votes: &first}, {Title: "Bridge", Votes: &second}}, EndsAt: p.CreatedAt.AddDate(0, 0, 6)}
	})))
	for name, mode := range colorModes {
		t.Run(name, func(t *testing.T) {
			b := openLive(t, s, "/", mode, preload(shapes+`; const riverX = () => parseFloat(getComputedStyle(document.querySelector(".main"), "::before").insetInlineStart) + box(document.querySelector(".main")).left + 1`))
			b.run(`document.getElementById("feed").dataset.marks = ""
			{ // rows that the script would make
				const feed = document.getElementById("feed")
				for (const kind of ["gap", "run"]) { const row = document.createElement("article"); row.className = kind; row.textContent = "Row"; feed.prepend(row) } }`)
			b.settle()
			picture := b.screenshot()
			at := func(script string) []float64 {
				return eval[[]float64](b, `(({ x, y, width, height }) => [x, y, width, height])(`+script+`)`)
			}
			for what, rect := range map[string][]float64{
				"the length of a poll's bar":       at(`(({ x, y, width, height }) => ({ x: x + width * .05, y: y + height / 2 - 1, width: width * .5, height: 3 }))(box(document.querySelectorAll(".poll__bar")[1]))`),
				"the mark of a network":            at(`box(document.querySelector(".tweet .tweet__mark"))`),
				"the stripes beside folded rows":   at(`(({ y, height }) => ({ x: riverX() - 3, y: y + 2, width: 6, height: height - 4 }))(box(document.querySelector(".run")))`),
				"the stripes beside missing posts": at(`(({ y, height }) => ({ x: riverX() - 3, y: y + 2, width: 6, height: height - 4 }))(box(document.querySelector(".gap")))`),
				"the initial of an author":         at(`box(document.querySelector(".tweet__avatar"))`),
			} {
				if got := strongest(picture, rect[0], rect[1], rect[2], rect[3]); got < 3 {
					t.Errorf("%s has a contrast of %.2f, want 3", what, got)
				}
			}
			corner := at(`box(document.querySelector(".tweet .tweet__mark"))`)
			if got := strongest(picture, corner[0]-6, corner[1], 8, 3); got > 1.05 {
				t.Errorf("the ground of a mark differs from the page by a contrast of %.2f", got)
			}
			if strings.HasPrefix(name, "forced") || strings.HasPrefix(name, "more") {
				tile := at(`box(document.querySelector(".tweet__avatar"))`)
				if got := strongest(picture, tile[0]-3, tile[1]+10, 5, 6); got < 3 {
					t.Errorf("the edge of an initial's tile has a contrast of %.2f, want 3", got)
				}
			}
		})
	}
}

func TestPage_PrintHasTheDatesAndAddressesOfPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("dated", func(p *stream.Post) {
		p.Text = append(said("Read "), stream.Segment{Kind: stream.Link, Text: "this", Href: "https://example.com/this"})
	})))
	b := openLive(t, s, "/", printed, preload(shapes))
	year := eval[string](b, `new Date(document.querySelector(".tweet__age").dateTime).getFullYear().toString()`)
	b.want("print", map[string]string{
		"a post has its date and time":     fmt.Sprintf(`/%s.*\d\d:\d\d/.test(getComputedStyle(odd("dated", ".tweet__age"), "::before").content)`, year),
		"in letters that can be read":      `parseFloat(getComputedStyle(odd("dated", ".tweet__age"), "::before").fontSize) >= 12`,
		"instead of its age":               `getComputedStyle(odd("dated", ".tweet__age")).fontSize === "0px"`,
		"without the words for its link":   `![...odd("dated", ".tweet__when").children].some(part => !part.matches(".tweet__age") && part.checkVisibility())`,
		"room for the address":             `box(odd("dated", ".tweet__original")).height < 30`,
		"the address of the post":          `getComputedStyle(odd("dated", ".tweet__original"), "::after").content.includes("https://example.com/post")`,
		"the addresses of links":           `getComputedStyle(odd("dated", ".tweet__text a"), "::after").content.includes("https://example.com/this")`,
		"no buttons":                       `![...document.querySelectorAll("button, .menu, .more__link")].some(button => button.checkVisibility())`,
		"a white page":                     `getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`,
		"a header that scrolls with pages": `getComputedStyle(document.querySelector(".header")).position === "static"`,
	})
}
