package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/hub"
	"nagare/stream"
)

func TestPage_AnUpdateReplacesThePostInPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	b.run(`document.querySelector('[data-seq="3"]').focus()`)
	post := madeUp(3)
	post.Text, post.EditedAt = said("The ferry has come after all."), time.Now()
	s.emit(updated(post))
	b.wait(`document.querySelector('[data-seq="3"]').innerText.includes("The ferry has come after all.")`)

	if got, want := eval[[]string](b, seqs), []string{"5", "4", "3", "2", "1"}; !cmp.Equal(got, want) {
		t.Errorf("posts %v, want %v", got, want)
	}
	if !eval[bool](b, `document.querySelector('[data-seq="3"]').innerText.includes("edited")`) {
		t.Error("nothing says that the post was edited")
	}
	if got := eval[string](b, `document.activeElement.dataset.seq ?? document.activeElement.localName`); got != "3" {
		t.Errorf("the focus went to %q, want it to stay on post 3", got)
	}
	if eval[bool](b, `"new" in document.querySelector('[data-seq="3"]').dataset`) {
		t.Error("an edited post looks like a new one")
	}
}

func TestPage_AnUpdateReachesWaitingAndFoldedPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.click("pause")
	s.publish(40)
	b.wait(`document.getElementById("pill").dataset.count === "40"`)
	s.edit(70, "Edited while it waited.")
	b.waitPosition(71)
	b.click("pause")
	b.waitShown(70)
	b.wait(`document.querySelector(".run__open")`)
	s.edit(31, "Edited while it was folded.")
	b.waitPosition(72)
	b.run(`document.querySelectorAll(".run__open").forEach(button => button.click())`)

	page := eval[string](b, `document.getElementById("feed").innerText`)
	for _, words := range []string{"Edited while it waited.", "Edited while it was folded."} {
		if !strings.Contains(page, words) {
			t.Errorf("%q is not shown", words)
		}
	}
}

// An edit that the page has missed in a gap is also applied to posts behind the pill.
func TestPage_WaitingPostsAreUpToDateAfterAGap(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.click("pause")
	s.publish(3)
	b.wait(`document.getElementById("pill").dataset.count === "3"`)
	back := s.lose()
	b.waitState("reconnecting")
	s.edit(32, "Edited in the gap.")
	s.publish(600)
	back()
	b.click("now")
	b.wait(`performance.getEntriesByType("resource").some(({ name }) => name.includes("before=") && name.split(":").at(-1) < 32)`)
	b.click("pause")
	b.click("pill")
	b.run(`document.querySelectorAll(".run__open").forEach(button => button.click())`)
	if page := eval[string](b, `document.getElementById("feed").innerText`); !strings.Contains(page, "Edited in the gap.") {
		t.Error("the post is shown as it was before")
	}
}

func (s *site) edit(number int, text string) {
	post := madeUp(number)
	post.Text = said(text)
	s.emit(updated(post))
}

func TestPage_TheTextOfADeletedPostIsRemoved(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	secret := madeUp(31)
	secret.Text, secret.Author.Name = said("Nobody should have read this."), "Unwise"
	s.emit(created(secret))
	b := openLive(t, s, "/")
	b.run(`document.querySelector('[data-seq="31"] a, [data-seq="31"]').focus()`)
	s.emit(destroyed(secret))
	b.wait(`document.getElementById("feed").innerText.includes("Deleted by its author")`)

	if eval[bool](b, `/Nobody should have|Unwise/.test(document.documentElement.outerHTML)`) {
		t.Error("the text is still in the document")
	}
	if got := eval[string](b, `document.activeElement.dataset.seq ?? document.activeElement.localName`); got != "30" {
		t.Errorf("the focus is on %q, want the next post, 30", got)
	}
	if got, want := b.text("announce"), "Deleted by its author"; got != want {
		t.Errorf("screen readers hear %q, want %q", got, want)
	}
	b.run(`document.querySelector(".grave").scrollIntoView(); scrollTo(0, 4000)`)
	b.wait(`!document.querySelector(".grave")`)
	if strings.Contains(s.body("/", nil), "Nobody should have") {
		t.Error("a fresh page has the text")
	}
}

func TestPage_AnEditedPostShowsTheTimeOfTheEdit(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	b := openLive(t, s, "/")
	post := madeUp(1)
	post.EditedAt = post.CreatedAt.Add(3 * time.Hour)
	s.emit(updated(post))
	b.wait(`document.querySelector(".tweet__edited")`)
	want := eval[string](b, `new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(new Date(document.querySelector(".tweet__edited time").dateTime))`)
	if got := eval[string](b, `document.querySelector(".tweet__edited time").title`); got != want {
		t.Errorf("the edited time's title is %q, want %q", got, want)
	}
}

func TestPage_AFoldedRowIsRemovedWithItsLastPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	folded := b.foldSome(s, 20)
	b.run(`document.querySelector(".run__open").focus()`)
	for n := range folded - 1 {
		s.emit(destroyed(madeUp(31 + n)))
	}
	b.wait(`document.querySelector(".run").innerText === "1 more post"`)
	b.wantFocus("all but one went", "run__open")
	s.emit(destroyed(madeUp(30 + folded)))
	b.wait(`!document.querySelector(".run")`)
	b.wantFocus("the run went", "30")
}

// foldSome publishes n posts at once, and returns how many of the oldest are folded.
func (b *tab) foldSome(s *site, n int) (folded int) {
	b.t.Helper()
	b.click("pause")
	s.publish(n)
	b.wait(fmt.Sprintf(`document.getElementById("pill").dataset.count === "%d"`, n))
	b.click("pause")
	b.wait(`document.querySelector(".run")`)
	return eval[int](b, `parseInt(document.querySelector(".run").innerText)`)
}

func TestPage_ADeletionReachesWaitingAndFoldedPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.click("pause")
	s.publish(5)
	b.wait(`document.getElementById("pill").dataset.count === "5"`)
	s.emit(destroyed(madeUp(35)))
	b.wait(`document.getElementById("pill").dataset.count === "4"`)
	b.click("pill")
	b.waitShown(34)
	b.run(`document.activeElement.blur()`)
	b.click("pause")
	folded := b.foldSome(s, 40)
	again := s.newestOf(t, madeUp(36))
	s.emit(destroyed(madeUp(36)))
	b.wait(fmt.Sprintf(`parseInt(document.querySelector(".run").innerText) === %d`, folded-1))
	if _, err := s.channel.Publish(t.Context(), again); err != nil { // once more, after its deletion
		t.Fatal(err)
	}
	b.waitPosition(78)
	b.run(`document.querySelectorAll(".run__open").forEach(button => button.click())`)
	if eval[bool](b, `/Post number (35|36)\./.test(document.documentElement.outerHTML)`) {
		t.Error("a deleted post is in the document")
	}
}

// newestOf returns the event of a post that is in the log, without its key: the store would not take
// it again after the deletion of the post.
func (s *site) newestOf(t *testing.T, post *stream.Post) hub.Event {
	t.Helper()
	events, _ := s.channel.Recent(1000)
	for _, ev := range events {
		if ev.Key == post.ID {
			return hub.Event{Name: ev.Name, Data: ev.Data}
		}
	}
	t.Fatalf("%s is not in the log", post.ID)
	return hub.Event{}
}
