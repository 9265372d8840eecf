package web_test

import (
	"fmt"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/moderation"
)

// queue makes n posts that wait.
func (d *testDesk) queue(n int) {
	d.t.Helper()
	for i := range n {
		d.post(byAuthor(i+1, "mio", fmt.Sprint("post ", i+1)))
	}
}

// firstWaiting is the post at the top of the list of those that wait, shownWaiting is their number there, and
// queued is the number that the page says.
const (
	firstWaiting = `document.querySelector("#waiting .item").dataset.item`
	shownWaiting = `document.querySelectorAll("#waiting .item").length`
	queued       = `[...document.querySelectorAll("[data-count=waiting]")].map(count => count.textContent).join()`
)

func TestDesk_SaysHowManyPostsWaitAndFetchesThemAsOneDecides(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.queue(330)
	b := openDesk(t, s, "Aiko")
	b.want("the queue", map[string]string{
		"the oldest is first": firstWaiting + ` === "bluesky:1"`,
		"has a part":          shownWaiting + ` === 200`,
		"says the number":     queued + ` === "330,330"`,
		"says that more wait": `document.getElementById("more").checkVisibility()`,
	})
	d.post(byAuthor(331, "kei", "one more"))
	b.wait(queued + ` === "331,331"`)
	for i := range 110 {
		d.emit(stream.Op{Kind: stream.Hide, ID: fmt.Sprint("bluesky:", i+1), Decision: stream.Decision{Why: "moderator"}})
	}
	b.wait(queued + ` === "221,221" && ` + shownWaiting + ` === 200`)
	ids := strings.Split(eval[string](b, `[...document.querySelectorAll("#waiting .item")].map(item => item.dataset.item).join()`), ",")
	for i, id := range ids {
		if want := fmt.Sprint("bluesky:", i+111); id != want {
			t.Fatalf("place %d has %s, want %s", i, id, want)
		}
	}
}

func TestDesk_TheQueueCanHaveTheNewestFirst(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.queue(3)
	b := openDesk(t, s, "Aiko")
	b.visit(s.url + "/admin?order=newest")
	b.waitState("live")
	b.wait(firstWaiting + ` === "bluesky:3"`)
	d.post(byAuthor(4, "kei", "one more"))
	b.wait(firstWaiting + ` === "bluesky:4"`)
	b.press("a")
	b.wait(`document.activeElement.dataset.post === "bluesky:4"`)
	d.post(byAuthor(5, "kei", "while the list is in use"))
	b.wait(queued + ` === "5,5"`)
	if eval[bool](b, in("waiting", "bluesky:5")+` !== null`) {
		t.Error("a new post has moved the list that the moderator uses")
	}
	b.run(`document.activeElement.blur()`)
	b.wait(firstWaiting + ` === "bluesky:5" && ` + shownWaiting + ` === 5`)
}

func TestDesk_PinnedPostsAreOnTopAndSaySo(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.queue(60)
	if _, err := d.Act(t.Context(), moderation.Action{Do: moderation.Pin, ID: "bluesky:2", By: "Aiko"}); err != nil {
		t.Fatal(err)
	}
	b := openDesk(t, s, "Aiko")
	top := `document.querySelector("#shown .item").dataset.item`
	b.wait(top + ` === "bluesky:2"`)
	if !eval[bool](b, `document.querySelector("#shown .item .pinned").checkVisibility() && !document.querySelector('[data-item="bluesky:60"] .pinned').checkVisibility()`) {
		t.Error("want the word at the pinned post alone")
	}
	b.pressAct("bluesky:55", "pin")
	b.run(`document.activeElement.blur()`)
	b.wait(top + ` === "bluesky:55" && document.querySelectorAll("#shown .item")[1].dataset.item === "bluesky:2"`)
	d.post(byAuthor(61, "kei", "one more"))
	b.wait(`document.querySelectorAll("#shown .item")[2].dataset.item === "bluesky:61"`)
}

func TestDesk_AHiddenPostOfABlockedAuthorOffersToUnblock(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"))
	b := openDesk(t, s, "Aiko")
	b.pressAct("bluesky:1", "block")
	b.wait(`document.querySelector("#hidden .item .act--unblock")?.checkVisibility()`)
	b.run(`document.querySelector("#hidden .item .act--unblock").click()`)
	b.wait(`document.querySelector("#shown .item .tweet")`)
	if rules := d.Settings().Rules; len(rules) != 0 {
		t.Errorf("rules %v", rules)
	}
}

func TestDesk_SaysWhichSourceIsDown(t *testing.T) {
	s, _ := newModeratedSite(t, moderation.After)
	s.emit(statusOf("live", "", 0))
	b := openDesk(t, s, "Aiko")
	if eval[bool](b, `document.querySelector(".down").checkVisibility()`) {
		t.Error("the desk speaks of sources although all are well")
	}
	s.emit(statusOf("waiting", "refused", 0))
	b.wait(`document.querySelector(".down").checkVisibility() && document.querySelector("#down .source").checkVisibility()`)
	b.visit(s.url + "/admin")
	b.waitState("live")
	b.wait(`document.querySelector(".down").checkVisibility()`)
	s.emit(statusOf("live", "", 0))
	b.wait(`!document.querySelector(".down").checkVisibility()`)
}
