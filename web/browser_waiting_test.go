package web_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nagare/stream"
	"nagare/stream/moderation"
)

func TestDesk_APostThatWaitsAgainIsInTheListAgain(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.queue(1)
	b := openDesk(t, s, "Aiko")
	b.press("j")
	b.press("h")
	b.wait(in("hidden", "bluesky:1"))
	b.press("u")
	b.wait(in("waiting", "bluesky:1") + ` && ` + queued + ` === "1,1"`)
}

// Another moderator undoes a decision about a post that this page doesn't have.
func TestDesk_APostThatThePageDoesNotHaveCanWaitAgain(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.queue(1)
	done, err := d.Act(t.Context(), moderation.Action{Do: moderation.Hide, ID: "bluesky:1", By: "Ben"})
	if err != nil {
		t.Fatal(err)
	}
	b := openDesk(t, s, "Aiko")
	b.run(`document.querySelector("#hidden .item").remove()`)
	if _, err := d.Act(t.Context(), moderation.Action{Do: moderation.Undo, Value: done.Entry, By: "Ben"}); err != nil {
		t.Fatal(err)
	}
	b.wait(in("waiting", "bluesky:1") + ` && ` + queued + ` === "1,1"`)
}

func TestDesk_TheAuthorOfAPublishedPostCanBeBlocked(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	m := logIn(t, s, "Aiko")
	m.send("announce", url.Values{"text": {"The doors open at six."}}, nil)
	published := byAuthor(1, "mio", "apple words")
	published.ID, published.Source, published.Author.Key = "post:1", "post", ""
	d.post(published)
	b := openDesk(t, s, "Aiko")
	b.want("the buttons", map[string]string{
		"block at the post":            `document.querySelector('[data-item="post:1"] .act--block').checkVisibility()`,
		"no block at the announcement": `!document.querySelector('#shown .item:not([data-item="post:1"]) .act--block').checkVisibility()`,
	})
	b.run(`document.querySelector('[data-item="post:1"] .tweet').focus()`)
	b.press("b")
	b.wait(`document.querySelector("#hidden .item .tweet")`)
}

// decideUnseen decides posts that wait and that the list of a page has no room for.
func (d *testDesk) decideUnseen(from, to int) {
	d.t.Helper()
	for n := from; n <= to; n++ {
		d.emit(stream.Op{Kind: stream.Hide, ID: fmt.Sprint("bluesky:", n), Decision: stream.Decision{Why: "moderator"}})
	}
}

func TestDesk_TheNumberOfPostsThatWaitStaysRightWhenOthersDecide(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.queue(230)
	b := openDesk(t, s, "Aiko")
	b.wait(queued + ` === "230,230"`)
	d.decideUnseen(211, 220)
	b.wait(queued + ` === "220,220"`)
	for n := 221; n <= 230; n++ { // deleted by their authors
		d.emit(stream.Op{Kind: stream.Destroy, At: time.Now(), ID: fmt.Sprint("bluesky:", n)})
	}
	b.wait(queued + ` === "210,210"`)
}

// More posts are fetched while the pointer is on the list. One of them belongs above the post under the pointer.
func TestDesk_FetchedPostsMoveNothingUnderThePointer(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.queue(210)
	b := openDesk(t, s, "Aiko")
	b.run(`document.querySelector('#waiting [data-item="bluesky:1"]').remove()`)
	x, y := b.middle(`#waiting .item[data-item="bluesky:2"] .tweet`)
	b.do(chromedp.MouseEvent("mouseMoved", x, y))
	d.decideUnseen(210, 210)
	b.wait(queued + ` === "209,209" && ` + in("waiting", "bluesky:200"))
	if _, now := b.middle(`#waiting .item[data-item="bluesky:2"] .tweet`); now != y {
		t.Errorf("the post under the pointer has moved from %v to %v", y, now)
	}
	b.do(chromedp.MouseEvent("mouseMoved", 2, 2))
	b.wait(firstWaiting + ` === "bluesky:1"`)
}
