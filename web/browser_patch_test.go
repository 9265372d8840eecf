package web_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nagare/stream"
)

// heronAndMoon returns a post with a text and two pictures. Only the first picture has a
// description.
func heronAndMoon(number int) *stream.Post {
	post := madeUp(number)
	post.Text = []stream.Segment{{Text: "A heron and "}, {Kind: stream.Link, Text: "a link", Href: "https://example.com/"}, {Text: " by the river."}}
	post.Media = []stream.Media{
		{Kind: "image", Preview: "/static/demo/heron.svg", Alt: "A heron", Width: 1200, Height: 800},
		{Kind: "image", Preview: "/static/demo/moon.svg", Alt: "The moon", Width: 1200, Height: 800},
	}
	return post
}

func TestPage_AnEditKeepsTheElementsThatDidNotChange(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(heronAndMoon(1)))
	b := openLive(t, s, "/")
	b.run(`globalThis.before = [...document.querySelectorAll(".media__image, .tweet__text a, .tweet__name")]
		document.querySelector(".media__alt").open = true
		document.querySelector(".tweet__text a").focus()
		getSelection().selectAllChildren(document.querySelector(".tweet__name"))`)
	edited := heronAndMoon(1)
	edited.Text[0].Text = "A grey heron and "
	s.emit(updated(edited))
	b.wait(`document.querySelector(".tweet__text").innerText.startsWith("A grey heron")`)

	for what, kept := range map[string]string{
		"the pictures, the link and the name": `before.every(node => node.isConnected)`,
		"an open description":                 `document.querySelector(".media__alt").open`,
		"the focus":                           `document.activeElement.matches(".tweet__text a")`,
		"the selection":                       `String(getSelection()) === "A Reader"`,
	} {
		if !eval[bool](b, kept) {
			t.Errorf("%s did not survive the edit of the text", what)
		}
	}
	edited.Media = edited.Media[1:]
	s.emit(updated(edited))
	b.wait(`document.querySelectorAll(".media__image").length === 1`)
	if eval[bool](b, `document.querySelector(".media__alt").open`) {
		t.Error("the description of another picture is open")
	}
}

func TestPage_AnEditThatAddsAContentWarningHidesThePost(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]string{
		"an open description": ".media__alt",
		"an open cover":       ".cover",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 0)
			post := heronAndMoon(1)
			post.Sensitive = open == ".cover"
			s.emit(created(post))
			b := openLive(t, s, "/")
			b.run(`document.querySelector("` + open + `").open = true`)
			post.Warning = "Spiders"
			s.emit(updated(post))
			b.wait(`document.querySelector(".cover__words")`)
			if eval[bool](b, `document.querySelector(".cover").open || document.querySelector(".tweet__text").checkVisibility()`) {
				t.Error("what the warning covers is shown")
			}
			b.run(`document.querySelector(".cover").open = true`)
			post.Text = said("It says something else now.")
			s.emit(updated(post))
			b.wait(`document.querySelector(".tweet__text").innerText.includes("something else")`)
			if !eval[bool](b, `document.querySelector(".cover").open`) {
				t.Error("an edit behind the same warning closes it")
			}
			post.Warning = "Snakes"
			s.emit(updated(post))
			b.wait(`document.querySelector(".cover__words").innerText.includes("Snakes")`)
			if eval[bool](b, `document.querySelector(".cover").open`) {
				t.Error("what another warning covers is shown")
			}
		})
	}
}

// Edits can add, change and remove every part of a card.
func TestPage_AnEditedCardEqualsANewlyRenderedCard(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	plain := madeUp(1)
	full := everything()
	full.ID, full.CreatedAt = plain.ID, plain.CreatedAt
	pictures := heronAndMoon(1)
	pictures.CreatedAt = plain.CreatedAt
	s.emit(created(plain))
	b := openLive(t, s, "/")
	for i, post := range []*stream.Post{full, pictures, full, plain} {
		s.emit(updated(post))
		b.waitPosition(2 + i)
		fresh := openLive(t, s, "/")
		b.settle()
		if got, want := eval[[]string](b, cardsBare), eval[[]string](fresh, cardsBare); got[0] != want[0] {
			t.Errorf("after edit %d the card is\n%s\nwant\n%s", i, got[0], want[0])
		}
	}
}

func TestPage_ADeletedPostSaysWhyAndKeepsItsHeightWhileInView(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	words := map[stream.Reason]string{
		"author": "Deleted by its author", "network": "Removed by its network", "moderator": "Removed by this site",
		"expired": "No longer available here", "filtered": "No longer matches this page", "unavailable": "No longer available", "": "No longer available",
	}
	b := openLive(t, s, "/", func(b *tab) { b.do(chromedp.EmulateViewport(1280, 3000)) })
	b.run(`void (seen.shift = 0)`)
	const height = `document.querySelector('[data-seq="29"]').getBoundingClientRect().height`
	before := eval[float64](b, height)
	n := 29
	for reason, want := range words {
		op := destroyed(madeUp(n))
		op.Reason = reason
		s.emit(op)
		b.waitPosition(30 + 30 - n)
		if got := eval[string](b, `document.querySelector('[data-seq="`+itoa(n)+`"]').innerText`); got != want {
			t.Errorf("for the reason %q the page says %q, want %q", reason, got, want)
		}
		n--
	}
	if after := eval[float64](b, height); math.Abs(after-before) > 0.1 {
		t.Errorf("the deleted post is %.1f px high, want %.1f as before", after, before)
	}
	b.settle()
	if shift := eval[float64](b, `seen.shift`); shift > 0.01 {
		t.Errorf("layout shifts add up to %.3f, want 0.01 at most", shift)
	}
}

// A line that is added to the post at the top doesn't move the posts below it, and neither does a
// line above the visible part of the page.
func TestPage_APostThatGrowsMovesNothingBelowIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/", preload(shapes))
	b.settle()
	for _, reading := range []string{"the top", "further down"} {
		if reading == "further down" {
			b.run(`{ const card = document.querySelectorAll("#feed > .tweet")[9]; scrollTo(0, scrollY + box(card).top - document.querySelector(".header").offsetHeight + 30) }`)
			b.settle()
		}
		b.run(`globalThis.first = [...document.querySelectorAll("#feed > .tweet")].find(card => box(card).bottom > document.querySelector(".header").offsetHeight); globalThis.height = box(first).height
			globalThis.below = first.nextElementSibling.matches("article") ? first.nextElementSibling : first.nextElementSibling.nextElementSibling; globalThis.at = box(below).top; seen.shift = 0`)
		post := madeUp(eval[int](b, `Number(first.dataset.seq)`))
		post.Text = append(post.Text, stream.Segment{Text: strings.Repeat("And nobody minds the rain. ", 8)})
		s.emit(updated(post))
		b.wait(`box(first).height > height + 10`)
		if reading == "the top" {
			b.wait(`scrollY === 0 && Math.abs(box(below).top - at - box(first).height + height) < 1`) // after the glide
		} else if moved := eval[float64](b, `Math.abs(box(below).top - at)`); moved > 1 {
			t.Errorf("%s: the post below moved by %.1f px", reading, moved)
		}
		b.settle()
		if shift := eval[float64](b, `seen.shift`); shift > .01 {
			t.Errorf("%s: the browser counts a shift of %f", reading, shift)
		}
	}
}

// Reposts, and an edit that keeps the number of lines, change no height, so that the posts around a
// post in the middle of the window stay where they are.
func TestPage_ARepostOrEditOfAPostInViewMovesNoOther(t *testing.T) {
	t.Parallel()
	for _, px := range []int64{1440, 390, 320} {
		s := newSite(t, 0)
		s.publish(30)
		b := openLive(t, s, "/", window(px, 900), preload(shapes))
		b.run(`scrollTo(0, scrollY + box(document.querySelector('[data-seq="20"]')).top - 400); seen.shift = 0
			globalThis.tops = () => [...document.querySelectorAll("#feed > .tweet")].map(card => box(card).top)`)
		b.settle()
		b.run(`globalThis.before = tops()`)
		post := madeUp(20)
		for i, change := range []func(){
			func() { post.RepostedBy = &stream.Author{Handle: "aiko", Name: "Aiko"} },
			func() { post.Reposts = 2 },
			func() { post.Reposts = 1234 },
			func() { post.EditedAt = time.Now() },
			func() { post.RepostedBy, post.Reposts = nil, 0 },
		} {
			change()
			s.emit(updated(post))
			b.waitPosition(31 + i)
			b.settle()
			if moved := eval[float64](b, `Math.max(...tops().map((top, i) => Math.abs(top - before[i])))`); moved > 0.1 {
				t.Errorf("%d px: change %d moved a post by %.1f px", px, i, moved)
			}
		}
		if shift := eval[float64](b, `seen.shift`); shift > .005 { // only words in the line of the author move
			t.Errorf("%d px: the browser counts a shift of %f", px, shift)
		}
	}
}
