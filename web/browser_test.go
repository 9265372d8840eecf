package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"nagare/static"
	"nagare/stream"
	"nagare/templates"
)

func TestPage_IsReadableWithoutScript(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(40)
	b := open(t, s, "/", withoutScript)

	if got := eval[int](b, `[...document.querySelectorAll("article")].filter(a => a.checkVisibility() && a.offsetHeight > 40).length`); got != templates.Initial {
		t.Errorf("%d posts can be seen, want %d", got, templates.Initial)
	}
	if !eval[bool](b, `document.querySelector("main").innerText.includes("JavaScript")`) {
		t.Error("nothing says that posts come by themselves only with script")
	}
	if eval[bool](b, `document.getElementById("pause").checkVisibility()`) {
		t.Error("a button that does nothing is shown")
	}
	b.do(chromedp.Navigate(eval[string](b, `document.getElementById("older").href`)))
	if got := eval[string](b, `document.querySelector("article").dataset.seq`); got != "10" {
		t.Errorf("the older page begins with post %s, want 10", got)
	}
	if got := eval[int](b, `document.querySelectorAll("article").length`); got != 10 {
		t.Errorf("the older page has %d posts, want 10", got)
	}
}

func TestPage_NewPostsArriveLive(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	if !strings.Contains(s.body("/", nil), `data-state="connecting"`) {
		t.Error("the page doesn't begin as connecting")
	}
	b := openLive(t, s, "/")
	s.publish(4)
	b.waitShown(7)
	b.openRuns()

	if got, want := eval[[]string](b, seqs), []string{"7", "6", "5", "4", "3", "2", "1"}; !cmp.Equal(got, want) {
		t.Errorf("posts %v, want %v", got, want)
	}
	b.waitPosition(7)
	if got, want := b.text("status"), "Live"; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
}

// openRuns opens all folded rows.
func (b *tab) openRuns() {
	b.t.Helper()
	b.run(`document.querySelectorAll(".run__open").forEach(button => button.click())`)
}

// seqs lists the numbers of the cards from the top down.
const seqs = `[...document.querySelectorAll("#feed > .tweet")].map(card => card.dataset.seq)`

func TestPage_TwoTabsShowTheSamePosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	one := openLive(t, s, "/")
	s.publish(5)
	two := openLive(t, s, "/")
	s.publish(5)

	one.waitShown(10)
	two.waitShown(10)
	one.openRuns()
	two.openRuns()
	if a, b := eval[[]string](one, cardsBare), eval[[]string](two, cardsBare); !cmp.Equal(a, b) {
		t.Errorf("the tabs differ (-one +two):\n%s", cmp.Diff(a, b))
	}
}

// cardsBare is the markup of the cards without the parts that may differ between a live and a
// served card: attributes that the script adds for the keyboard, screen readers and the highlight
// of new posts, the ages, which change with time, and loading="lazy", which pictures in the first
// served cards don't have. The attributes of the card itself are in one order.
const cardsBare = `[...document.querySelectorAll("#feed > .tweet")].map(card => {
	const bare = card.cloneNode(true)
	for (const name of ["tabindex", "aria-posinset", "aria-setsize", "data-new"]) bare.removeAttribute(name)
	bare.querySelector(".tweet__age").textContent = ""
	for (const image of bare.querySelectorAll("img")) image.removeAttribute("loading")
	for (const { name, value } of [...bare.attributes].sort((a, b) => a.name < b.name ? -1 : 1)) {
		bare.removeAttribute(name)
		bare.setAttribute(name, value)
	}
	return bare.outerHTML
})`

func TestPage_LiveMarkupEqualsServerMarkup(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "ja"} {
		t.Run(lang, func(t *testing.T) {
			s := newSite(t, 0)
			s.publish(1)
			live := openLive(t, s, "/?lang="+lang)
			s.emit(created(everything()))
			live.waitShown(2)

			body := s.body("/", http.Header{"Accept-Language": {lang}})
			if card := templates.Eager(templates.Translate(lang, placedCard(t, s, 2))); !strings.Contains(body, card) {
				t.Errorf("the page doesn't hold the event's card as it is:\n%s", card)
			}
			fresh := openLive(t, s, "/?lang="+lang)
			if got, want := eval[[]string](live, cardsBare), eval[[]string](fresh, cardsBare); !cmp.Equal(got, want) {
				t.Errorf("the live cards differ from the served (-live +served):\n%s", cmp.Diff(got, want))
			}
		})
	}
}

// placedCard returns the card in the newest event of the channel, with the offset as an attribute.
func placedCard(t *testing.T, s *site, offset uint64) string {
	t.Helper()
	events, _ := s.channel.Recent(1)
	var data struct{ HTML string }
	if err := json.Unmarshal(events[0].Data, &data); err != nil {
		t.Fatal(err)
	}
	return templates.Placed(data.HTML, offset)
}

// everything returns a post that has every part that a post can have.
func everything() *stream.Post {
	picture := static.URL("icon.svg")
	seal := []stream.CustomEmoji{{Code: "seal", Src: picture}}
	author := stream.Author{Handle: "aiko", Name: "Aiko :seal: 愛子", Avatar: picture, URL: "https://example.com/@aiko", Emoji: seal}
	votes, none := 5, 0
	quoted := madeUp(7000)
	return &stream.Post{
		ID: "bluesky:all", Source: "bluesky", URL: "https://example.com/@aiko/1", Lang: "ja",
		CreatedAt: time.Now().Add(-time.Minute), EditedAt: time.Now(),
		Author: author, RepostedBy: &author, ReplyTo: &stream.Reply{Handle: "ben", URL: "https://example.com/@ben"},
		Text: []stream.Segment{
			{Text: "川 & <b>river</b> 👩‍👩‍👧 "}, {Kind: stream.Link, Text: "example.com/a…", Href: "https://example.com/a?b=c&d='e'"},
			{Kind: stream.Break, Text: "\n"}, {Kind: stream.Mention, Text: "@ben", Href: "https://example.com/@ben"},
			{Kind: stream.Hashtag, Text: "#流れ"}, {Kind: stream.Emoji, Text: ":seal:", Src: picture},
		},
		Warning: "Spoiler :seal:", Emoji: seal, Unsupported: true, Quote: &stream.Quote{URL: "https://example.com/q", Post: quoted},
		Media: []stream.Media{
			{Kind: "image", Preview: picture, URL: "https://example.com/1", Alt: "A seal", Width: 400, Height: 300},
			{Kind: "video", Preview: picture},
			{Kind: "audio", URL: "https://example.com/a.mp3", Alt: "A bell"},
		},
		Preview: &stream.LinkPreview{URL: "https://www.example.com/river", Title: "The river", Description: "It flows.", Image: picture},
		Poll: &stream.Poll{EndsAt: time.Now().Add(time.Hour), Options: []stream.PollOption{
			{Title: "Yes :seal:", Votes: &votes}, {Title: "No", Votes: &none}, {Title: "Not yet"},
		}},
	}
}

func TestPage_AnEmptyPageSaysSoUntilPostsArrive(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	b := openLive(t, s, "/")
	if !eval[bool](b, `document.getElementById("empty").checkVisibility() && !document.querySelector("[role=feed]")`) {
		t.Error("an empty page doesn't say that it is")
	}
	s.publish(1)
	b.waitShown(1)
	if eval[bool](b, `document.getElementById("empty").checkVisibility() || !document.querySelector("[role=feed]")`) {
		t.Error("the page says that it is empty, beside a post")
	}
}

func TestPage_APageOfOlderPostsHasTheRemainingPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(50)
	first := openLive(t, s, "/")
	path := eval[string](first, `new URL(document.getElementById("older").href).search`)
	older := openLive(t, s, "/"+path)
	if got := eval[int](older, `document.querySelectorAll("#feed > .tweet").length`); got < 20 {
		t.Errorf("the older page has %d posts, want the 20 older ones at least", got)
	}
	if got := eval[string](older, `[...document.querySelectorAll("#feed > .tweet")].at(-1).dataset.seq`); got != fmt.Sprint(1) {
		t.Errorf("the older page ends with post %s, want 1", got)
	}
}
