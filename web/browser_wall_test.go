package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/web"
)

// cardsOn is the set of ids of the posts on a screen.
const cardsOn = `[...document.querySelectorAll("#feed .tweet")].filter(card => card.checkVisibility({ visibilityProperty: true })).map(card => card.dataset.post)`

// on is whether a post is on a screen.
func on(id string) string { return cardsOn + `.includes("` + id + `")` }

func TestWall_ShowsANewPostAfterEachInterval(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(2)
	b := openLive(t, s, "/wall?every=1&columns=2", window(1920, 1080))
	b.run(`globalThis.order = []; new MutationObserver(changes => {
		for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".tweet") && !order.some(([id]) => id === node.dataset.post)) order.push([node.dataset.post, performance.now()])
	}).observe(document.getElementById("feed"), { subtree: true, childList: true })`)
	s.publish(3)
	b.wait(`order.length >= 3`)
	b.want("the wall", map[string]string{
		"new posts come in order": `order.map(([id]) => id).join() === "replay:3,replay:4,replay:5"`,
		"one at a time":           `order.every(([, at], i) => i === 0 || at - order[i - 1][1] > 500)`,
		"each at the top":         `document.querySelector(".wall__column .tweet").dataset.new !== undefined`,
	})
}

func TestWall_LeavesOutPostsThatAreCovered(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	covered := func(n int) *stream.Post {
		post := madeUp(n)
		post.Warning = "Fish"
		return post
	}
	s.emit(created(covered(1001)))
	s.publish(1)
	b := openLive(t, s, "/wall?every=1", window(1920, 1080))
	s.emit(created(covered(1002)))
	quoting := madeUp(1003)
	quoting.Quote = &stream.Quote{URL: "https://example.com/q", Post: covered(1004)}
	s.emit(created(quoting))
	s.publish(1)
	b.wait(on("replay:2"))
	if got := eval[string](b, cardsOn+`.sort().join()`); got != "replay:1,replay:2" {
		t.Errorf("the wall shows %s", got)
	}
	changed := covered(2)
	s.emit(updated(changed))
	b.wait("!" + on("replay:2"))
	if strings.Contains(s.body("/wall", nil), "Fish") {
		t.Error("the page of the wall has a covered post")
	}
}

func TestWall_ShowsEditsAndDeletionsWithinASecond(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	for _, path := range []string{"/wall", "/wall?spotlight=1"} {
		b := openLive(t, s, path, window(1920, 1080))
		newest := int(s.posts.Load())
		b.wait(on(fmt.Sprintf("replay:%d", newest)))
		b.run(`globalThis.changes = {}; new MutationObserver(() => {
			const text = document.getElementById("feed").textContent
			if (text.includes("better words")) changes.edited ??= Date.now()
		}).observe(document.getElementById("feed"), { subtree: true, childList: true, characterData: true })`)
		post := madeUp(newest)
		post.Text = said("better words")
		begun := time.Now()
		s.emit(updated(post))
		b.wait(`changes.edited`)
		s.emit(destroyed(post))
		b.wait(`!document.documentElement.textContent.includes("better words")`)
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("%s: an edit and a deletion took %v", path, took)
		}
		s.publish(1)
	}
}

// countTicks counts the turns of new posts.
const countTicks = `{ globalThis.ticks = 0
	const again = setInterval
	globalThis.setInterval = (f, ms, ...rest) => again(() => { f(); if (ms === 1000) ticks++ }, ms, ...rest) }`

func TestWall_FreezeKeepsWhatItShowsAlsoAfterAReload(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	b := openLive(t, s, "/wall?every=1", window(1920, 1080), preload(countTicks))
	s.screen("freeze")
	b.wait(`document.getElementById("feed").dataset.show === "freeze"`)
	edited := madeUp(3)
	edited.Text = said("after the freeze")
	s.emit(updated(edited))
	s.publish(2)
	b.waitPosition(7)
	b.run(`globalThis.begun = ticks`)
	b.wait(`ticks > begun + 1`)
	if got := eval[string](b, cardsOn+`.sort().join()`); got != "replay:1,replay:2,replay:3" || strings.Contains(eval[string](b, `document.body.textContent`), "after the freeze") {
		t.Errorf("a frozen wall shows %s", got)
	}
	s.emit(destroyed(madeUp(1)))
	b.wait("!" + on("replay:1"))
	b.reload()
	if got := eval[string](b, cardsOn+`.sort().join()`); got != "replay:2,replay:3" {
		t.Errorf("after a reload, a frozen wall shows %s", got)
	}
	s.screen("")
	b.wait(on("replay:5") + " && " + on("replay:4"))
}

func TestWall_BlankShowsOnlyTheTitleAlsoAfterAReload(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	b := openLive(t, s, "/wall?every=1", window(1920, 1080))
	s.screen("blank")
	blank := cardsOn + `.length === 0 && document.querySelector(".wall__site").checkVisibility({ visibilityProperty: true }) && !document.querySelector(".wall__qr").checkVisibility({ visibilityProperty: true })`
	b.wait(blank)
	if body := s.body("/wall", nil); strings.Contains(body, "Post number") {
		t.Error("the page of a blank wall has posts")
	}
	b.reload()
	b.wait(blank)
	s.screen("")
	b.wait(on("replay:1") + " && " + on("replay:3"))
}

func TestWall_PinsStayOnTop(t *testing.T) {
	t.Parallel()
	s := newSite(t, 40)
	s.publish(60)
	b := openLive(t, s, "/wall?every=1&columns=2", window(1920, 1080))
	pinned := `[...document.querySelectorAll(".wall__pin .tweet")].map(card => card.dataset.post).join()`
	s.screen("", "replay:2", "replay:58")
	b.wait(pinned + ` === "replay:2,replay:58"`)
	b.wait(`[...document.querySelectorAll(".wall__pin")].every(pin => pin.innerText.startsWith("Pinned"))`)
	s.publish(3)
	b.wait(on("replay:63"))
	b.wait(pinned + ` === "replay:2,replay:58"`)
	b.reload()
	b.wait(pinned + ` === "replay:2,replay:58"`)
	s.emit(destroyed(madeUp(2)))
	b.wait(pinned + ` === "replay:58"`)
	s.screen("")
	b.wait(pinned + ` === "" && !document.querySelector(".wall__pin").innerText`)
}

func TestWall_TheStateIsThatOfTheModeratorsAfterTheLogHasLostTheEvent(t *testing.T) {
	t.Parallel()
	state := "freeze"
	s := newSite(t, 0, func(c *web.Config) { c.Screen = func() (string, []string) { return state, []string{"replay:1"} } })
	s.publish(2)
	if body := s.body("/wall", nil); !strings.Contains(body, `data-show="freeze"`) || strings.Contains(body, "Post number 2") {
		t.Errorf("a frozen wall has posts that can be newer than the freeze, or no state:\n%s", body)
	}
}

// columnsOn is the posts in each column of a wall, from the top, without what is pinned.
const columnsOn = `[...document.querySelectorAll(".wall__stack")].map(stack => [...stack.children].map(card => card.dataset.post).join("+")).join()`

func TestWall_ANewPostGoesToTheEmptiestColumn(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	b := openLive(t, s, "/wall?every=1&columns=3", window(1920, 1080))
	want := func(counts string) {
		t.Helper()
		b.wait(columnsOn + `.split(",").map(ids => ids.split("+").filter(Boolean).length).sort().join() === "` + counts + `"`)
	}
	s.publish(3)
	want("1,1,1")
	s.publish(3)
	want("2,2,2")
	for _, id := range strings.Split(strings.Split(eval[string](b, columnsOn), ",")[1], "+") {
		s.emit(stream.Op{Kind: stream.Destroy, At: time.Now(), ID: id})
	}
	want("0,2,2")
	s.publish(2)
	want("2,2,2")
}

func TestWall_FillsEachColumnAtTheStart(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	s.screen("", "replay:1")
	b := openLive(t, s, "/wall?columns=3", window(1920, 1080))
	if got := eval[string](b, columnsOn); got != ",replay:3,replay:2" {
		t.Errorf("beside a pinned post, the columns have %q", got)
	}
}

func TestWall_EachPostThatAModeratorApprovesGetsItsTurn(t *testing.T) {
	const posts = 20
	s, d := newModeratedSite(t, moderation.Before)
	b := openLive(t, s, "/wall?every=1", window(1920, 1080), preload(`{ const again = setInterval
		globalThis.setInterval = (f, ms, ...rest) => again(f, ms === 1000 ? 100 : ms, ...rest) }`))
	b.run(`globalThis.order = []; new MutationObserver(changes => {
		for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".tweet[data-new]")) order.push(node.dataset.post)
	}).observe(document.getElementById("feed"), { subtree: true, childList: true })`)
	var want []string
	for n := range posts {
		d.post(byAuthor(n, "mio", fmt.Sprint("post ", n)))
		want = append(want, fmt.Sprint("bluesky:", n))
	}
	for _, id := range want {
		if _, err := d.Act(t.Context(), moderation.Action{Do: moderation.Approve, ID: id, By: "Aiko"}); err != nil {
			t.Fatal(err)
		}
	}
	b.wait(on(want[posts-1]))
	if got := eval[string](b, `[...new Set(order)].join()`); got != strings.Join(want, ",") {
		t.Errorf("the wall has shown %s", got)
	}
}

// screen publishes what public screens show.
func (s *site) screen(state string, pins ...string) {
	s.t.Helper()
	data, err := json.Marshal(map[string]any{"state": state, "pins": append([]string{}, pins...)})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.channel.Publish(s.t.Context(), hub.Event{Name: "screen", Data: data}); err != nil {
		s.t.Fatal(err)
	}
}

// reload loads the page again, and waits until it receives posts live.
func (b *tab) reload() {
	b.t.Helper()
	b.run(`globalThis.old = true, void location.reload()`)
	b.waitDocument(`!globalThis.old && document.documentElement.dataset.state === "live"`)
}
