package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nagare/stream"
)

// replaceLog restarts the site with a new log that holds the given posts, as a restored backup
// does, and waits until the page has handled them.
func (b *tab) replaceLog(s *site, posts ...*stream.Post) {
	b.t.Helper()
	s.stop()
	b.waitState("reconnecting")
	before := eval[string](b, `document.getElementById("feed").dataset.epoch`)
	s.start()
	for _, post := range posts {
		s.emit(created(post))
	}
	b.click("now")
	b.wait(fmt.Sprintf(`document.getElementById("feed").dataset.epoch !== %q`, before))
	b.waitPosition(len(posts))
}

// emitPosts publishes the posts numbered 1 to n, and returns them.
func (s *site) emitPosts(n int) []*stream.Post {
	s.t.Helper()
	var posts []*stream.Post
	for number := range n {
		post := madeUp(number + 1)
		s.emit(created(post))
		posts = append(posts, post)
	}
	return posts
}

// listed is an expression for the texts of all rows, newest first.
const listed = `[...document.querySelectorAll("#feed > article")].map(row => /Post number \d+|Corrected|Some posts may be missing|Posts of .* may be missing/.exec(row.innerText)?.[0].replace(/Posts of .* may/, "Posts may") ?? "deleted")`

func (b *tab) wantList(want ...string) {
	b.t.Helper()
	if got := eval[[]string](b, listed); !slices.Equal(got, want) {
		b.t.Errorf("the list is %q, want %q", got, want)
	}
}

// A restored backup, or a Redis server that lost its newest events, begins a new log with posts
// that the page has already.
func TestPage_AReplacedLogShowsEachPostOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	posts := s.emitPosts(6)
	b := openLive(t, s, "/")
	s.emit(destroyed(posts[3]))
	b.wait(`document.querySelector("#feed > .grave")`)
	b.run(`globalThis.before = [...document.querySelectorAll("#feed > .tweet")]`)

	posts[1].Text = said("Corrected.")
	b.replaceLog(s, posts[:5]...) // the backup is older than post 6 and the deletion of post 4
	b.wait(`document.querySelector("#feed > .gap")`)
	b.wantList("Some posts may be missing", "Post number 6", "Post number 5", "deleted", "Post number 3", "Corrected", "Post number 1")
	if !eval[bool](b, `before.every((card, i) => card === document.querySelectorAll("#feed > .tweet")[i])`) {
		t.Error("a card has been replaced by another element")
	}
	seqs := eval[string](b, `before.map(card => card.dataset.seq).join()`)
	if want := ",5,3,2,1"; seqs != want { // post 6 isn't in the new log
		t.Errorf("the offsets are %q, want %q", seqs, want)
	}

	s.emit(created(madeUp(7)))
	b.waitShown(6)
	b.wantList("Post number 7", "Posts may be missing", "Post number 6", "Post number 5", "deleted", "Post number 3", "Corrected", "Post number 1")
}

// A deletion in the new log removes the posts from before it, too.
func TestPage_ADeletionReachesThePostsFromBeforeAReplacedLog(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	posts := s.emitPosts(5)
	b := openLive(t, s, "/")
	b.replaceLog(s, posts[:2]...)
	for _, post := range []*stream.Post{posts[0], posts[4]} { // one is in the new log, the other isn't
		s.emit(destroyed(post))
	}
	b.waitPosition(4)
	b.wait(`document.querySelectorAll("#feed > .grave").length === 2`)
	b.wantList("Some posts may be missing", "deleted", "Post number 4", "Post number 3", "Post number 2", "deleted")
}

// Posts that wait or are folded when the log is replaced are not added again either.
func TestPage_AReplacedLogDoesNotRepeatWaitingAndFoldedPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	b := openLive(t, s, "/")
	b.click("pause")
	posts := s.emitPosts(20)
	b.wait(`document.getElementById("pill").dataset.count === "20"`)
	b.replaceLog(s, posts...)
	b.settle()
	if n := eval[string](b, `document.getElementById("pill").dataset.count`); n != "20" {
		t.Errorf("%s posts wait, want 20", n)
	}
	s.emit(destroyed(posts[19]))
	b.waitPosition(21)
	b.click("pill")
	b.wait(`document.querySelectorAll("#feed > .tweet").length === 19`)
	b.wantNoIDTwice()
}

func TestPage_AReplacedLogDoesNotMoveThePostBeingRead(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	posts := s.emitPosts(30)
	b := openLive(t, s, "/")
	b.run(`scrollTo(0, 900)`)
	b.run(`globalThis.reading = [...document.querySelectorAll("#feed > .tweet")].find(card => card.getBoundingClientRect().top > 100); globalThis.top0 = reading.getBoundingClientRect().top`)
	for _, post := range posts[20:] {
		post.Text = said(strings.Repeat("A much longer text than before. ", 20))
	}
	b.replaceLog(s, posts...)
	b.settle()
	if moved := eval[float64](b, `reading.getBoundingClientRect().top - top0`); moved < -1 || moved > 1 {
		t.Errorf("the post moved by %.1f px", moved)
	}
	b.wantNoIDTwice()
}

func (b *tab) wantNoIDTwice() {
	b.t.Helper()
	if n := eval[int](b, `(ids => ids.length - new Set(ids).size)([...document.querySelectorAll(":is(#feed, #pins) [id]")].map(part => part.id))`); n > 0 {
		b.t.Errorf("%d ids are there twice", n)
	}
}

// The header and the row in the list make the same statement.
func TestPage_TheHeaderAndTheRowSayTheSameAboutAReplacedLog(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	for lang, want := range map[string]string{"en": "Some posts may be missing", "ja": "投稿が抜けた可能性あり"} {
		b := openLive(t, s, "/?lang="+lang)
		b.replaceLog(s, madeUp(1))
		b.waitState("gap")
		b.waitStatus(want)
		b.wait(fmt.Sprintf(`document.querySelector("#feed > .gap")?.innerText === %q`, want))
	}
}
