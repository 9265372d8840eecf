package web_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// row is a row of the list as it was put in: a card, many posts folded, or a gap.
type row struct {
	Seq    int   // of a card
	Posts  int   // that it stands for
	Gap    bool  // these posts are not shown
	At     int64 // when it was put in, in Unix milliseconds
	Folded []int // the posts of a run, oldest first, if it was opened
}

// account adds up rows, oldest first, from the post after the given one. It wants
// every card, also one that was folded, to have the number that those before it
// leave to it.
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

// wantAll wants every post after the one given to have come in once, in order,
// and no gap to be announced.
func (b *tab) wantAll(after, to int) {
	b.t.Helper()
	rows := b.rows()
	if got, err := account(rows, after); err != nil || got != to {
		b.t.Errorf("posts up to %d accounted for, want %d: %v", got, to, err)
	}
	if slices.ContainsFunc(rows, func(r row) bool { return r.Gap }) {
		b.t.Error("a gap was announced, though the log held everything")
	}
}

func (b *tab) forget() { b.t.Helper(); b.run(`void (seen.rows.length = 0)`) }

func (b *tab) rows() []row { b.t.Helper(); return eval[[]row](b, `seen.rows`) }

// Five times 200 posts come in half a second; the page is cut off twice in each, and
// one more post comes right when it is back.
func TestPage_NoPostIsLostOrDoubledOverACut(t *testing.T) {
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

// cutWhilePostsCome publishes bursts, of half a second at the rate, and cuts the
// page off in the middle of each. Runs are opened as they come, so that account sees
// what is in them.
func (b *tab) cutWhilePostsCome(s *site, bursts, rate int) {
	b.t.Helper()
	b.run(`void (seen.unfolds = true)`)
	for range bursts {
		start := int(s.posts.Load())
		var burst sync.WaitGroup
		burst.Go(func() { s.publishAt(rate, 500*time.Millisecond) })
		for _, n := range []int{rate / 8, rate / 4} {
			b.waitPosition(start + n)
			lost := eval[int](b, losses)
			s.cut()
			b.wait(fmt.Sprintf(`%s > %d`, losses, lost))
			b.click("now")
			b.hide(false)             // wakes it: it asks for what it may have missed
			b.waitNot("reconnecting") // or there would be nothing to cut
		}
		burst.Wait()
		b.wait(fmt.Sprintf(`Number(document.querySelector("#feed > .tweet").dataset.seq) >= %d`, start+rate/2))
	}
}

// losses is how often the page has said that it is reconnecting.
const losses = `seen.states.filter(state => state === "reconnecting").length`

func TestPage_FoldedPostsOpenInTheirPlace(t *testing.T) {
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

func TestPage_AGapIsAnnounced(t *testing.T) {
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
	b.wait(`/^About \d+ posts not shown$/.test(document.getElementById("status").innerText)`)
	if got, want := b.text("announce"), b.text("status"); got != want {
		t.Errorf("screen readers hear %q, want %q", got, want)
	}
	b.waitShown(430)
	b.waitState("live")

	if n := eval[int](b, `[...document.querySelectorAll("#feed > .gap")].filter(row => /About \d+ posts of .* are missing/.test(row.innerText)).length`); n != 1 {
		t.Errorf("%d gaps are announced, want 1", n)
	}
	if got, err := account(b.rows(), 30); err != nil || got != 430 {
		t.Errorf("posts up to %d accounted for, want 430: %v", got, err)
	}
	s.publish(1)
	b.waitShown(431)
}
