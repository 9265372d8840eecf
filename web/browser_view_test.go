package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"nagare/stream"
)

// withFilter opens the page of a filter that some posts match.
func withFilter(s *site, b *tab) {
	b.visit(s.url + "/?q=post")
	b.waitState("live")
}

func withNothingFound(s *site, b *tab) {
	b.visit(s.url + "/?q=zebra+from%3Amio")
	b.waitState("live")
}

func withWrongFilter(s *site, b *tab) { b.visit(s.url + "/?q=ferry+has%3Acheese+-rain") }

// withMoment opens the page of a moment, with a source that missed posts before it.
func withMoment(s *site, b *tab) {
	s.emit(stream.Op{Kind: stream.Gap, Notice: &stream.Notice{Source: "bluesky", Network: "bluesky", From: time.Now().Add(-3 * time.Hour), To: time.Now().Add(-time.Hour)}})
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // an address has whole seconds
	b.visit(s.url + "/?at=" + time.Now().UTC().Format(time.RFC3339))
	b.waitState("reading")
	b.run(`document.querySelector(".day__numbers").open = true`)
}

func withDay(_ *site, b *tab) {
	b.run(`document.querySelector(".day__button").click()`)
	b.wait(`document.querySelector("#day:popover-open")`)
}

// withPost opens the page of a post, with others of its author.
func withPost(s *site, b *tab) {
	s.publish(30)
	b.visit(s.url + "/post/" + url.PathEscape(madeUp(20).ID))
	b.waitState("reading")
	b.wait(`document.querySelector(".others")`)
}

func withDeletedPost(s *site, b *tab) {
	s.emit(destroyed(madeUp(9)))
	b.visit(s.url + "/post/" + url.PathEscape(madeUp(9).ID))
}

func TestView_TheFilterWorksWithoutScript(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(40)
	b := open(t, s, "/?lang=ja", withoutScript)
	b.run(`document.querySelector("#filter [name=q]").value = '"number 7"'`)
	b.run(`document.querySelector("#filter").requestSubmit()`)
	b.waitDocument(`location.search === "?q=%22number+7%22" && document.readyState === "complete"`)
	if n, said := eval[int](b, `document.querySelectorAll("article").length`), b.text("found"); n != 1 || !strings.Contains(said, "40件中1件が一致") {
		t.Errorf("%d posts, and the page says %q", n, said)
	}
	if value := eval[string](b, `document.querySelector("#filter [name=q]").value`); value != `"number 7"` {
		t.Errorf("the box has %q", value)
	}
	if !eval[bool](b, `document.querySelector("#filter button").checkVisibility()`) {
		t.Error("there is no button")
	}
	b.click("clear")
	b.waitDocument(`location.search === "" && document.querySelectorAll("article").length === 30`)
}

func TestView_ThePageOfAnHourIsReachedWithAndWithoutScript(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	for name, settings := range map[string][]setting{"script": nil, "no script": {withoutScript}} {
		t.Run(name, func(t *testing.T) {
			b := open(t, s, "/tag/none?lang=en", settings...)
			withDay(s, b)
			if n := eval[int](b, `[...document.querySelector(".day__hours").querySelectorAll(".day__count")].reduce((n, e) => n + Number(e.textContent), 0)`); n != 3 {
				t.Errorf("the hours have %d posts, want 3", n)
			}
			if !eval[bool](b, `[...document.querySelectorAll(".day__hours a, .day__drawing > a")].every(hour => /^\/tag\/none(\?at=|$)/.test(hour.getAttribute("href"))) && document.querySelectorAll(".day__drawing > a").length === 1`) {
				t.Error("an hour leads to another view, or one without posts leads anywhere")
			}
			b.visit(s.url + "/tag/none?at=" + time.Now().UTC().Add(-5*time.Hour).Truncate(time.Hour).Format(time.RFC3339))
			if !eval[bool](b, `document.getElementById("day").checkVisibility() && document.querySelectorAll("article").length === 0`) {
				t.Error("the page of the hour has no drawing, or posts")
			}
			b.run(`document.querySelector(".day__drawing > a").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }))`)
			b.waitDocument(`location.pathname === "/tag/none" && !location.search.includes(":00:00Z") && document.readyState === "complete"`)
			b.visit(s.url + "/tag/none?at=" + time.Now().UTC().Add(-time.Hour).Truncate(time.Hour).Format(time.RFC3339))
			b.click("back-to-live")
			b.waitDocument(`location.pathname === "/tag/none" && location.search === ""`)
		})
	}
}

// Without script, the times are those of UTC.
func TestView_TheHoursOfTheDayAreInTheZoneOfTheReader(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	b := openLive(t, s, "/", withZone("Asia/Kolkata"))
	withDay(s, b)
	wrong := eval[int](b, `[...document.querySelectorAll("#day time")].filter(time => {
		const at = new Date(time.dateTime)
		return time.textContent !== String(at.getHours()).padStart(2, "0") + ":" + String(at.getMinutes()).padStart(2, "0") || at.getTimezoneOffset() !== -330
	}).length`)
	if wrong > 0 {
		t.Errorf("%d times are not of the reader's zone", wrong)
	}
}

// What the page has above its posts takes so little room that a phone shows more than one post.
func TestView_OnAPhoneTheFirstPostsAreOnTheFirstScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(40)
	for path, most := range map[string]float64{"/": 120, "/?q=post": 170, "/?lang=ja": 120} {
		b := openLive(t, s, path, width(390))
		if top := eval[float64](b, `document.querySelector("article").getBoundingClientRect().top`); top > most {
			t.Errorf("%s: the first post is at %v px, want %v at most", path, top, most)
		}
	}
}

// A post is on its page until it is deleted, and an edit reaches it.
func TestPost_AnOpenPageFollowsTheEditsAndTheDeletionOfItsPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(9)
	b := openLive(t, s, "/post/"+url.PathEscape(madeUp(5).ID))
	edited := madeUp(5)
	edited.Text, edited.EditedAt = said("The ferry has come after all."), time.Now()
	s.emit(updated(edited))
	b.wait(`document.querySelector("article").innerText.includes("after all")`)
	s.emit(destroyed(edited))
	b.wait(`document.querySelector("article.grave")`)
	if eval[bool](b, `document.body.innerText.includes("after all")`) {
		t.Error("the deleted text is on the page")
	}
}
