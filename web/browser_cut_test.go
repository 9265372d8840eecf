package web_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// row describes an element that was inserted into the list: a card, a folded row of posts, or a
// gap.
type row struct {
	Seq    int   // number of the card's post
	Posts  int   // how many posts the row stands for
	Gap    bool  // the row is a gap: its posts are missing
	At     int64 // time of the insertion, in Unix milliseconds
	Folded []int // numbers of the posts in a folded row that was opened, oldest first
}

// account counts the posts in rows, oldest first, and returns the number of the last post. The
// first row must begin with the post after the given number, and each card must have the next
// number, also in an opened folded row.
func account(rows []row, after int) (last int, err error) {
	last = after
	for i, r := range rows {
		for j, seq := range r.Folded {
			if want := last + 1 + j; seq != want {
				return last, fmt.Errorf("in the run in row %d is post %d, want %d", i, seq, want)
			}
		}
		last += r.Posts
		if r.Seq != 0 && r.Seq != last {
			return last, fmt.Errorf("row %d is post %d, want %d", i, r.Seq, last)
		}
		if r.Folded != nil && len(r.Folded) != r.Posts {
			return last, fmt.Errorf("row %d says %d posts and has %d", i, r.Posts, len(r.Folded))
		}
	}
	return last, nil
}

// wantAll expects that every post after number after, up to number to, was inserted once and in
// order, and that there is no gap.
func (b *tab) wantAll(after, to int) {
	b.t.Helper()
	b.wantRows(after, to)
	if slices.ContainsFunc(b.rows(), func(r row) bool { return r.Gap }) {
		b.t.Error("a gap was announced, though the log held everything")
	}
}

// wantRows expects that the inserted rows contain every post after number after, up to number
// last.
func (b *tab) wantRows(after, last int) {
	b.t.Helper()
	if got, err := account(b.rows(), after); err != nil || got != last {
		b.t.Errorf("posts up to %d accounted for, want %d: %v", got, last, err)
	}
}

// wantGaps expects that n of the rows are gaps.
func (b *tab) wantGaps(n int) {
	b.t.Helper()
	if got := eval[int](b, `document.querySelectorAll("#feed > .gap").length`); got != n {
		b.t.Errorf("%d gaps are shown, want %d", got, n)
	}
}

// followsChanges edits post 34 and deletes post 33, and waits until the page shows both changes.
func (b *tab) followsChanges(s *site) {
	b.t.Helper()
	s.edit(34, "It says something else now.")
	s.emit(destroyed(madeUp(33)))
	b.wait(`document.querySelector("[data-seq='34']").innerText.includes("something else")`)
	b.wait(`!document.querySelector(".tweet[data-seq='33']")`)
}

func (b *tab) forget() { b.t.Helper(); b.run(`void (seen.rows.length = 0)`) }

func (b *tab) rows() []row { b.t.Helper(); return eval[[]row](b, `seen.rows`) }

// The site publishes five bursts of half a second at 200 posts a second. The connection is cut
// twice in each burst, and one more post is published right after each reconnection.
func TestPage_ACutConnectionLosesAndDuplicatesNoPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2000)
	s.publish(30)
	b := openLive(t, s, "/")
	b.forget()
	s.onArrival(func() { s.publish(1) })
	b.cutWhilePostsCome(s, 5, 400)
	s.onArrival(func() {})
	s.publish(30)
	want := int(s.posts.Load())
	b.waitShown(want)
	b.waitState("live")
	b.wantAll(30, want)
	if eval[int](b, `seen.rows.filter(row => row.folded).length`) == 0 {
		t.Error("no run was folded, so none was looked into")
	}
}

// cutWhilePostsCome publishes bursts of half a second at the given rate of posts a second, and
// cuts the connection during each burst. It opens folded rows, so that account can check their
// posts.
func (b *tab) cutWhilePostsCome(s *site, bursts, rate int) {
	b.t.Helper()
	b.run(`void (seen.unfolds = true)`)
	for range bursts {
		start := int(s.posts.Load())
		var burst sync.WaitGroup
		burst.Go(func() { s.publishAt(rate, 500*time.Millisecond) })
		for _, n := range []int{rate / 8, rate / 4} {
			b.waitPosition(start + n)
			b.cut(s)
			b.click("now")
			b.hide(false)             // the page becomes visible, and requests the events that it might have missed
			b.waitNot("reconnecting") // there must be a connection before the next cut
		}
		burst.Wait()
		b.wait(fmt.Sprintf(`Number(document.querySelector("#feed > .tweet").dataset.seq) >= %d`, start+rate/2))
	}
}

// cut cuts the connections of the site until the page notices. At the first cut, the page can be
// between two connections.
func (b *tab) cut(s *site) {
	b.t.Helper()
	lost := eval[int](b, losses)
	for end := time.Now().Add(patience); eval[int](b, losses) == lost; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("the page doesn't notice that its connection is cut\nthe page says: %s", b.summary())
		}
		s.cut()
	}
}

// losses returns how many times the page has entered the state "reconnecting".
const losses = `seen.states.filter(state => state === "reconnecting").length`

func TestPage_FoldedPostsOpenInPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	s.publish(60)
	b.waitShown(90)
	b.wait(`document.querySelector(".run__open")`)
	b.run(`document.querySelectorAll(".run__open").forEach(button => button.click())`)

	want := make([]string, 90)
	for i := range want {
		want[i] = fmt.Sprint(90 - i)
	}
	if got := eval[[]string](b, seqs); !slices.Equal(got, want) {
		t.Errorf("posts %v, want 90 to 1", got)
	}
}

func TestPage_AGapIsShownInTheList(t *testing.T) {
	t.Parallel()
	s := newSite(t, 50)
	s.publish(30)
	b := openLive(t, s, "/")
	b.forget()
	back := s.lose()
	b.waitState("reconnecting")
	s.publish(400)
	back()
	b.click("now")
	b.wait(`/^About \d+ posts missing$/.test(document.getElementById("status").innerText)`)
	if got, want := b.text("announce"), b.text("status"); got != want {
		t.Errorf("screen readers hear %q, want %q", got, want)
	}
	b.waitShown(430)
	b.waitState("live")

	if n := eval[int](b, `[...document.querySelectorAll("#feed > .gap")].filter(row => /About \d+ posts of .* are missing/.test(row.innerText)).length`); n != 1 {
		t.Errorf("%d gaps are announced, want 1", n)
	}
	b.wantRows(30, 430)
	s.publish(1)
	b.waitShown(431)
}
