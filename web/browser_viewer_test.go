package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

var album = []string{"cat", "bridge", "heron", "map", "rain", "moon"}

// sixPictures returns a post with the pictures of the album. The last has no description.
func sixPictures(number int) *stream.Post {
	post := madeUp(number)
	for _, name := range album {
		p := picture("image", name, "Number "+name, 1200, 900)
		p.URL = p.Preview
		post.Media = append(post.Media, p)
	}
	post.Media[len(album)-1].Alt = ""
	return post
}

// openPicture opens the dialog from the picture with that number in the newest card. It clicks the
// upper corner, because in a small picture the button of the description is in the middle.
func (b *tab) openPicture(n int) {
	b.t.Helper()
	selector := fmt.Sprintf("#feed > .tweet .media__item:nth-child(%d) .media__link", n)
	b.wait(`document.getElementById("flow").style.translate === ""`) // the list is at its place
	b.run(`document.querySelector("` + selector + `").scrollIntoView({ block: "center" })`)
	b.settle()
	at := eval[[]float64](b, `(({ x, y }) => [x + 8, y + 8])(document.querySelector("`+selector+`").getBoundingClientRect())`)
	b.do(chromedp.MouseClickXY(at[0], at[1]))
	b.wait(`document.getElementById("viewer").open`)
}

// pictureShown is what the dialog shows: the file, the description and the number of the picture.
const pictureShown = `[document.querySelector(".viewer__image").src.split("/").at(-1), document.getElementById("viewer-words").textContent, document.getElementById("viewer-count").textContent].join("|")`

func (b *tab) wantPicture(after, want string) {
	b.t.Helper()
	if got := eval[string](b, pictureShown); got != want {
		b.t.Errorf("after %s the dialog shows %q, want %q", after, got, want)
	}
}

func TestViewer_ArrowKeysShowEveryPictureOfThePost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(sixPictures(1)))
	b := openLive(t, s, "/")
	if more := eval[string](b, `[...document.querySelectorAll(".media__more")].map(more => more.innerText).join()`); !strings.HasPrefix(more, "+2") {
		t.Errorf("the card says %q, want +2", more)
	}
	b.openPicture(2)
	b.wantPicture("a click", "bridge.svg|Number bridge|2 / 6")
	for _, want := range []string{"heron.svg|Number heron|3 / 6", "map.svg|Number map|4 / 6", "rain.svg|Number rain|5 / 6", "moon.svg|Image without description|6 / 6", "moon.svg|Image without description|6 / 6"} {
		b.press(kb.ArrowRight)
		b.wantPicture("the right arrow", want)
		b.wait(`document.querySelector(".viewer__image").naturalWidth > 0`)
	}
	const ends = `["viewer-previous", "viewer-next"].map(id => document.getElementById(id).ariaDisabled).join()`
	if got := eval[string](b, ends); got != "false,true" {
		t.Errorf("at the last picture the buttons are disabled: %s", got)
	}
	if eval[bool](b, `document.getElementById("viewer-words").offsetHeight > 1`) {
		t.Error("a picture without a description has a visible one")
	}
	b.click("viewer-previous")
	b.wantPicture("the button for the previous picture", "rain.svg|Number rain|5 / 6")
	b.click("viewer-next")
	b.wantPicture("the button for the next picture", "moon.svg|Image without description|6 / 6")
	if got := eval[string](b, `document.getElementById("viewer-original").href`); !strings.HasSuffix(got, "moon.svg") {
		t.Errorf("the original of the moon is %q", got)
	}
}

func TestViewer_ClosingReturnsTheFocusToThePicture(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(sixPictures(1)))
	b := openLive(t, s, "/")
	const third = `document.activeElement === document.querySelectorAll(".media__link")[2]`
	closes := map[string]func(){
		"Escape":           func() { b.press(kb.Escape) },
		"the close button": func() { b.press(kb.Tab + kb.Tab + kb.Enter) }, // after the link to the original
		"a press beside":   func() { b.do(chromedp.MouseClickXY(4, 400)) },
	}
	for name, closing := range closes {
		b.run(`document.querySelectorAll(".media__link")[2].focus()`)
		b.press(kb.Enter)
		b.wait(`document.getElementById("viewer").open`)
		b.press(kb.ArrowRight + kb.ArrowRight)
		closing()
		b.wait(`!document.getElementById("viewer").open && document.querySelector(".viewer__image") === null`)
		if !eval[bool](b, third) {
			t.Errorf("after %s the focus is on %s", name, eval[string](b, `document.activeElement.outerHTML`))
		}
	}
}

func TestViewer_LoadsThePictureInFullSize(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	post := heronAndMoon(1)
	post.Media[0].URL = "/static/demo/map.svg"
	post.Media[1].URL = "/static/demo/nothing.svg"
	s.emit(created(post))
	b := openLive(t, s, "/")
	b.openPicture(1)
	b.wait(`document.querySelector(".viewer__image").src.endsWith("map.svg")`)
	b.wait(`Math.abs(document.querySelector(".viewer__image").offsetWidth - document.querySelector(".viewer__image").offsetHeight) < 2`) // the map is a square
	b.press(kb.ArrowRight)
	b.wait(`performance.getEntriesByType("resource").some(({ name }) => name.endsWith("nothing.svg"))`)
	b.settle()
	b.wantPicture("a failed request for the full size", "moon.svg|The moon|2 / 2")
}

func TestViewer_SaysThatAPictureCanNotBeLoaded(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	post := heronAndMoon(1)
	post.Media[1].Preview = "/static/demo/nothing.svg"
	s.emit(created(post))
	b := openLive(t, s, "/")
	b.openPicture(1)
	b.press(kb.ArrowRight)
	b.wait(`document.querySelector(".viewer .media__missing")?.checkVisibility()`)
}

// The content security policy forbids videos, so the dialog links to them.
func TestViewer_AVideoIsALinkToTheVideo(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	post := madeUp(1)
	post.Media = []stream.Media{picture("video", "fireworks", "Fireworks", 800, 1100), picture("image", "cat", "A cat", 1200, 800)}
	s.emit(created(post))
	b := openLive(t, s, "/", preload(shapes))
	b.openPicture(1)
	b.want("video", map[string]string{
		"the picture is a link": `document.querySelector(".viewer__frame").href === "https://example.com/fireworks"`,
		"that opens a new tab":  `document.querySelector(".viewer__frame").target === "_blank"`,
		"with a sign":           `box(document.querySelector(".viewer .media__kind")).width >= 56`,
	})
	b.press(kb.ArrowRight)
	b.want("image", map[string]string{"the picture is no link": `!document.querySelector(".viewer__frame").href`})
}

func TestViewer_ClosesWhenThePictureIsGone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func() stream.Op{
		"deleted": func() stream.Op { return destroyed(sixPictures(1)) },
		"edited": func() stream.Op {
			post := sixPictures(1)
			post.Media = post.Media[:2]
			return updated(post)
		},
		"covered": func() stream.Op {
			post := sixPictures(1)
			post.Warning = "Spiders"
			return updated(post)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 0)
			s.emit(created(sixPictures(1)))
			b := openLive(t, s, "/")
			b.openPicture(3)
			s.emit(change())
			b.wait(`!document.getElementById("viewer").open && document.activeElement.closest("#feed") !== null`)
		})
	}
}

func TestViewer_FollowsAnEditAndHoldsNewPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(sixPictures(100)))
	b := openLive(t, s, "/")
	b.openPicture(3)
	s.publish(3)
	b.wait(`document.getElementById("pill").dataset.count === "3"`)
	post := sixPictures(100)
	post.Media = post.Media[1:]
	post.Media[1].Alt = "A grey heron"
	s.emit(updated(post))
	b.wait(`document.getElementById("viewer-count").textContent === "2 / 5"`)
	b.wantPicture("an edit", "heron.svg|A grey heron|2 / 5")
}

// Cards in a store can be older than the dialog.
func TestViewer_ShowsThePicturesOfACardFromBeforeIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	const card = `<article class="tweet" data-post="old" aria-labelledby="a"><span class="tweet__when"><time class="tweet__age" id="a" datetime="2026-03-14T12:00:00Z" data-time="age"></time></span>` +
		`<div class="tweet__body"><div class="media media--1"><div class="media__item"><a class="media__link" href="https://example.com/page" target="_blank"><img class="media__image" src="/static/demo/cat.svg" alt="A cat" width="1200" height="800"/></a></div></div></div></article>`
	if _, err := s.channel.Trigger(t.Context(), "create", map[string]string{"id": "old", "html": card}); err != nil {
		t.Fatal(err)
	}
	b := openLive(t, s, "/")
	b.openPicture(1)
	b.wantPicture("a click", "cat.svg|A cat|")
}

func TestViewer_LeavesOtherClicksToTheBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(sixPictures(1)))
	b := openLive(t, s, "/")
	left := eval[[]bool](b, `["ctrlKey", "metaKey", "shiftKey"].map(key => {
		let left
		addEventListener("click", event => { left = !event.defaultPrevented; event.preventDefault() }, { once: true })
		document.querySelector(".media__link").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, [key]: true }))
		return left && !document.getElementById("viewer").open
	})`)
	if want := []bool{true, true, true}; !cmp.Equal(left, want) {
		t.Errorf("left to the browser with Ctrl, Meta, Shift: %v", left)
	}
	bare := open(t, s, "/", withoutScript)
	if got := eval[string](bare, `document.querySelectorAll(".media__link")[1].getAttribute("href")`); got != "/static/demo/bridge.svg" {
		t.Errorf("without script the picture links to %q", got)
	}
}

func TestViewer_FitsIntoTheWindow(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	post := sixPictures(1)
	post.Media[0].Alt = strings.Repeat("A very long description of a cat that sleeps. ", 40)
	post.Media = append(post.Media, picture("image", "leaves", "Tall", 200, 1000))
	s.emit(created(post))
	for _, size := range [][2]int64{{1440, 900}, {390, 844}, {320, 480}, {844, 390}} {
		b := openLive(t, s, "/", window(size[0], size[1]), preload(shapes))
		b.openPicture(1)
		for range post.Media {
			b.wait(`document.querySelector(".viewer__image").complete`)
			b.settle()
			b.want(fmt.Sprintf("%v, %s", size, eval[string](b, pictureShown)), map[string]string{
				"the picture is in the stage":   `(({ top, bottom, left, right }, stage) => top >= stage.top - 1 && bottom <= stage.bottom + 1 && left >= -1 && right <= innerWidth + 1)(box(document.querySelector(".viewer__image")), box(document.getElementById("viewer-stage")))`,
				"the picture is large":          `(({ width, height }, stage) => width >= .98 * Math.min(1200, stage.width) || height >= .98 * stage.height)(box(document.querySelector(".viewer__image")), box(document.getElementById("viewer-stage")))`,
				"buttons have room for fingers": `[...document.querySelectorAll(".viewer button")].every(button => box(button).width >= 44 && box(button).height >= 44)`,
				"all is in the window":          `[...document.querySelectorAll(".viewer :is(button, .viewer__caption, .viewer__original)")].every(part => box(part).bottom <= innerHeight && box(part).top >= 0 && box(part).right <= innerWidth && box(part).left >= 0)`,
				"the stage is not tiny":         `box(document.getElementById("viewer-stage")).height >= .4 * innerHeight`,
			})
			b.press(kb.ArrowRight)
		}
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 2, 2))
		b.checkShape()
	}
}

// The reader can press a button again and again without following it.
func TestViewer_ItsButtonsStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	post := sixPictures(1)
	post.Media[1].Alt = strings.Repeat("A long description. ", 12)
	s.emit(created(post))
	b := openLive(t, s, "/")
	b.openPicture(1)
	const top = `document.getElementById("viewer-next").getBoundingClientRect().top`
	before := eval[float64](b, top)
	b.click("viewer-next")
	if after := eval[float64](b, top); after != before {
		t.Errorf("the button has moved from %.0f to %.0f", before, after)
	}
}
