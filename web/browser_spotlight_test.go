package web_test

import (
	"fmt"
	"strings"
	"testing"

	"nagare/stream/moderation"
)

func TestWall_TheSpotlightSaysWhetherThePostIsPinned(t *testing.T) {
	t.Parallel()
	s := newPinnedSite(t, 1)
	b := openLive(t, s, "/wall?spotlight=1", window(1280, 720))
	b.wait(on("replay:1"))
	label := `document.querySelector(".wall__stage > .pinned")`
	s.screen("", "replay:1")
	b.wait(label)
	s.screen("")
	b.wait("!" + label)
	s.screen("", "replay:1")
	b.wait(label)
	s.edit(1, strings.Repeat("A long text. ", 80)+"The end.")
	b.wait(`document.querySelector(".wall__stage").innerText.includes("The end.")`)
	if height := eval[string](b, `((...parts) => parts.map(part => part.getBoundingClientRect().height).reduce((all, px) => all + px) - document.querySelector(".wall__stage").clientHeight)(...document.querySelector(".wall__stage").children).toFixed(1)`); height[0] != '-' && height != "0.0" {
		t.Errorf("the label and the card are %s px too high", height)
	}
	s.emit(destroyed(madeUp(1)))
	b.wait("!" + label)
}

// captureTurns makes turn() give a post its turn, which otherwise happens every 59 seconds.
const captureTurns = `{ const again = setInterval
	globalThis.setInterval = (f, ms, ...rest) => ms === 59_000 ? (globalThis.turn = f) : again(f, ms, ...rest) }`

// The screen knows as many posts as it can while they wait for their turn.
func TestWall_AHiddenPostGetsNoTurn(t *testing.T) {
	t.Parallel()
	s, d := newModeratedSite(t, moderation.Before)
	act := func(do moderation.Do, id string) {
		t.Helper()
		if _, err := d.Act(t.Context(), moderation.Action{Do: do, ID: id, By: "Aiko"}); err != nil {
			t.Fatal(err)
		}
	}
	approve := func(from, to int, words string) (ids []string) {
		t.Helper()
		for n := from; n <= to; n++ {
			id := fmt.Sprint("bluesky:", n)
			d.post(byAuthor(n, "mio", words))
			act(moderation.Approve, id)
			ids = append(ids, id)
		}
		return ids
	}
	approve(1, 40, "plum words")
	b := openLive(t, s, "/wall?every=59&columns=4", window(3840, 3200), preload(captureTurns))
	if n := eval[int](b, cardsOn+`.length`); n < 24 {
		t.Fatalf("%d posts are shown, want so many that the screen knows no others than those and the waiting ones", n)
	}
	for _, id := range approve(101, 145, "apple words") {
		act(moderation.Hide, id)
	}
	approve(900, 900, "the last one")
	s.screen("", "bluesky:40")
	b.wait(`document.querySelector("#feed .pinned")`)
	b.wait(`(turn(), globalThis.leaked ||= document.body.innerHTML.includes("apple words"), ` + on("bluesky:900") + `)`)
	if eval[bool](b, `leaked`) {
		t.Error("a hidden post is on the wall")
	}
}
