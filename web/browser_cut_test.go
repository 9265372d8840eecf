package web_test

import (
	"fmt"
	"slices"
	"testing"
)

// row is a row of the list as it was put in: a card, many posts folded, or a gap.
type row struct {
	Seq   int  // of a card
	Posts int  // that it stands for
	Gap   bool // these posts are not shown
}

// account adds up rows, oldest first, from the post after the given one. It wants
// every card to have the number that the rows before it leave to it.
func account(rows []row, after int) (last int, err error) {
	last = after
	for i, r := range rows {
		last += r.Posts
		if r.Seq != 0 && r.Seq != last {
			return last, fmt.Errorf("row %d is post %d, want %d", i, r.Seq, last)
		}
	}
	return last, nil
}

func (b *tab) forget() { b.t.Helper(); b.run(`void (seen.rows.length = 0)`) }

func (b *tab) rows() []row { b.t.Helper(); return eval[[]row](b, `seen.rows`) }

func TestPage_NoPostIsLostOrDoubledOverACut(t *testing.T) {
	s := newSite(t, 2000)
	s.publish(30)
	b := openLive(t, s, "/")
	b.forget()
	for round := range 5 {
		s.publish(100)
		b.waitPlace(31 + 200*round)          // in the middle of the burst
		s.onArrival(func() { s.publish(1) }) // one new post right when it is back
		b.hide(false)                        // wakes it: it asks for what it may have missed
		s.cut()
		s.publish(99)
		b.waitNot("live")
		b.click("now")
		b.wait(fmt.Sprintf(`Number(document.querySelector("#feed > article").dataset.seq) >= %d`, 30+200*(round+1)))
	}
	s.onArrival(func() {})
	s.publish(30)
	want := int(s.posts.Load())
	b.waitShown(want)
	b.waitState("live")

	got, err := account(b.rows(), 30)
	if err != nil || got != want {
		t.Errorf("posts up to %d accounted for, want %d: %v", got, want, err)
	}
	if slices.ContainsFunc(b.rows(), func(r row) bool { return r.Gap }) {
		t.Error("a gap was announced, though the log held everything")
	}
}

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

	if n := eval[int](b, `[...document.querySelectorAll("#feed > .gap")].filter(row => /About \d+ posts not shown/.test(row.innerText)).length`); n != 1 {
		t.Errorf("%d gaps are announced, want 1", n)
	}
	if got, err := account(b.rows(), 30); err != nil || got != 430 {
		t.Errorf("posts up to %d accounted for, want 430: %v", got, err)
	}
	s.publish(1)
	b.waitShown(431)
}
