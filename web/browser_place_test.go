package web_test

import (
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"nagare/stream"
)

// watched is the distance from the top of the window to post 20, which the reader is reading after
// scrolling down.
const watched = `document.querySelector('[data-seq="20"]').getBoundingClientRect().top`

func TestPage_ChangesAboveDoNotMoveTheReadersPlace(t *testing.T) {
	t.Parallel()
	for _, px := range []int64{390, 1280} {
		t.Run(fmt.Sprintf("%d px", px), func(t *testing.T) {
			s := newSite(t, 0)
			s.publish(30)
			b := openLive(t, s, "/", width(px))
			b.run(`scrollBy(0, ` + watched + ` - 40)`) // so that the top of post 20 is just below the header
			before := eval[float64](b, watched)
			s.publish(100) // they wait, because nothing is inserted above a reader who has scrolled down
			s.changeAbove()
			b.waitPosition(30 + 100 + 110)
			b.wait(`document.getElementById("pill").dataset.count === "100"`)
			b.settle()

			if moved := math.Abs(eval[float64](b, watched) - before); moved > 1 {
				t.Errorf("what is read moved by %.2f px, want 1 at most", moved)
			} else {
				t.Logf("moved by %.2f px", moved)
			}
		})
	}
}

// changeAbove makes posts 30 to 21 grow and shrink ten times, and then deletes them: these are 110
// changes of height above post 20.
func (s *site) changeAbove() {
	for i := range 110 {
		post := madeUp(30 - i%10)
		if i >= 100 {
			s.emit(destroyed(post))
			continue
		}
		post.Text = said(strings.Repeat("Edited, and of another length. ", (i*3)%17))
		s.emit(updated(post))
	}
}

func TestPage_ThePillCountsAndShowsTheWaitingPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.run(`scrollTo(0, 1500)`)
	b.settle()
	if got, want := b.text("status"), "Live"; got != want {
		t.Errorf("with nothing waiting the page says %q, want %q", got, want)
	}
	s.publish(24)
	b.wait(`document.getElementById("pill").innerText === "24 new posts"`)
	if got, want := b.text("status"), "Reading"; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
	if height := eval[float64](b, `document.getElementById("pill").offsetHeight`); height < 44 {
		t.Errorf("the pill is %v px high, want 44 for a finger", height)
	}
	b.wait(`document.title === "(24) Nagare"`)
	b.click("pill")
	b.waitShown(54)
	b.waitState("live")
	if y := eval[float64](b, `scrollY`); y != 0 {
		t.Errorf("the page is scrolled to %v, want the top", y)
	}
	b.wait(`document.title === "Nagare"`)
}

// Not all of more than 500 waiting posts are kept, and neither the pill nor the status says another
// number.
func TestPage_GivesNoExactNumberOfVeryManyWaitingPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	b := openLive(t, s, "/")
	b.click("pause")
	s.publish(510)
	b.wait(`document.getElementById("pill").innerText === "500+ new posts"`)
	if got := b.text("status"); got != "Paused" {
		t.Errorf("beside the pill the status is %q", got)
	}
}

func TestPage_ThePillCoversNoPost(t *testing.T) {
	t.Parallel()
	for _, px := range []int64{390, 1280} {
		t.Run(fmt.Sprintf("%d px", px), func(t *testing.T) {
			s := newSite(t, 0)
			s.publish(30)
			b := openLive(t, s, "/", width(px), preload(shapes))
			b.run(`scrollTo(0, 1500)`)
			s.publish(24)
			b.wait(`document.getElementById("pill").checkVisibility()`)
			b.settle()
			if eval[bool](b, `box(document.getElementById("pill")).bottom > box(document.querySelector(".header")).bottom`) {
				t.Error("the pill covers what is being read")
			}
			if size := eval[float64](b, `Math.min(box(document.getElementById("pill")).width, box(document.getElementById("pill")).height)`); size < 44 {
				t.Errorf("the pill is %.0f px small, want 44 for a finger", size)
			}
			b.run(`scrollTo(0, 0)`)
			b.click("pause")
			if !eval[bool](b, `document.getElementById("title").checkVisibility({ opacityProperty: true })`) {
				t.Error("the title of the page is hidden")
			}
		})
	}
}

// scale multiplies the durations of tests that measure over a period of time. Tests of combinations
// try all of them if it is above 1.
var scale = flag.Int("scale", 1, "how many times as long to measure; above 1, also test all combinations")

func TestPage_NewPostsShiftNoOtherContent(t *testing.T) {
	t.Parallel()
	for _, px := range []int64{412, 1280} {
		for _, pace := range []struct{ rate, seconds int }{{2, 6}, {50, 5}} {
			t.Run(fmt.Sprintf("%d px, %d a second", px, pace.rate), func(t *testing.T) {
				t.Parallel()
				s := newSite(t, 0)
				s.publish(30)
				b := openLive(t, s, "/", width(px))
				b.forget()
				s.publishAt(pace.rate, time.Duration(*scale*pace.seconds)*time.Second)
				last := int(s.posts.Load())
				b.waitShown(last)
				b.wait(glideIsOver)

				if shift := eval[float64](b, `seen.shift`); shift > 0.01 {
					t.Errorf("layout shifts add up to %.3f, want 0.01 at most", shift)
				}
				b.wantRows(30, last)
			})
		}
	}
}

// Before a picture of known size is loaded, its post already has the final height.
func TestPage_LoadingPicturesShiftsNoContent(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	post := madeUp(31)
	post.Media = []stream.Media{{Kind: "image", Preview: "/static/demo/heron.svg", Width: 1200, Height: 800}, {Kind: "image", Preview: "/static/demo/missing.svg"}}
	s.emit(created(post))
	b.waitShown(31)
	b.wait(`[...document.querySelectorAll(".media__image")].every(image => image.complete) && ` + glideIsOver)
	if shift := eval[float64](b, `seen.shift`); shift > 0.01 {
		t.Errorf("layout shifts add up to %.3f, want 0.01 at most", shift)
	}
}
