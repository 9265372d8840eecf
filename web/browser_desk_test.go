package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"nagare/stream/moderation"
)

// aSecond is how long a decision may take to reach each page.
const aSecond = time.Second

func TestDesk_WhatOneModeratorDecidesReachesEveryPageWithinASecond(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	a, b, page := openDesk(t, s, "Aiko"), openDesk(t, s, "Ben"), openLive(t, s, "/")
	d.post(byAuthor(1, "mio", "apple words"))
	a.within(aSecond, in("waiting", "bluesky:1"))
	b.within(aSecond, in("waiting", "bluesky:1"))
	if got := s.body("/", nil) + s.body("/streaming.ndjson?last=100&wait=1", nil); strings.Contains(got, "apple words") || !eval[bool](page, nowhere) {
		t.Error("a post that waits is public")
	}

	a.pressAct("bluesky:1", "approve")
	page.within(aSecond, `document.querySelector('#feed [data-post="bluesky:1"]')`)
	b.within(aSecond, in("shown", "bluesky:1"))

	b.pressAct("bluesky:1", "hide")
	page.within(aSecond, nowhere)
	a.within(aSecond, `document.querySelector("#hidden .item")`)
	if got := eval[string](a, `document.querySelector("#hidden .item__why").innerText`); !strings.Contains(got, "Hidden") || !strings.Contains(got, "by Ben") {
		t.Errorf("the desk says %q, want that Ben has hidden the post", got)
	}
	for _, path := range []string{"/", "/by/mio.example", "/?q=apple", "/post/bluesky:1", "/streaming.ndjson?last=100&wait=1"} {
		if strings.Contains(s.body(path, nil), "apple words") {
			t.Errorf("the hidden post is in %s", path)
		}
	}

	b.press("u")
	page.within(aSecond, `document.documentElement.outerHTML.includes("apple words")`)
	a.within(aSecond, `document.querySelector("#shown .item") && !document.querySelector("#hidden .item")`)
}

func TestDesk_BlockingHidesAllPostsOfAnAuthor(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"), byAuthor(2, "kei", "plum words"), byAuthor(3, "mio", "more apple words"))
	desk, page := openDesk(t, s, "Aiko"), openLive(t, s, "/")
	desk.pressAct("bluesky:1", "block")
	page.within(aSecond, nowhere)
	desk.within(aSecond, `document.querySelectorAll("#hidden .item").length === 2 && document.querySelectorAll("#shown .item").length === 1`)
	d.post(byAuthor(4, "mio", "apple words again"))
	desk.within(aSecond, `document.querySelectorAll("#hidden .item").length === 3`)
	if !eval[bool](page, nowhere) {
		t.Error("a new post of the blocked author is public")
	}
}

func TestDesk_PinsAndTheStateOfTheScreensReachAllDesks(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"))
	a, b := openDesk(t, s, "Aiko"), openDesk(t, s, "Ben")
	a.pressAct("bluesky:1", "pin")
	b.within(aSecond, `document.querySelector("#shown .item[data-pinned]")`)
	b.pressAct("bluesky:1", "unpin")
	a.within(aSecond, `!document.querySelector(".item[data-pinned]")`)
	for _, step := range []struct{ key, state string }{{"f", "freeze"}, {"x", "blank"}, {"x", ""}, {"f", "freeze"}, {"f", ""}} {
		a.press(step.key)
		condition := fmt.Sprintf(`document.documentElement.dataset.screen === "%s"`, step.state)
		a.within(aSecond, condition)
		b.within(aSecond, condition)
		if got := string(d.Settings().Screen); got != step.state {
			t.Errorf("after %q the screens are %q, want %q", step.key, got, step.state)
		}
	}
}

func TestDesk_TwoModeratorsDoNotGetTheSamePost(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.post(byAuthor(1, "mio", "apple words"), byAuthor(2, "kei", "plum words"))
	a, b := openDesk(t, s, "Aiko"), openDesk(t, s, "Ben")
	a.press(kb.ArrowDown)
	a.wait(`document.activeElement.dataset.post === "bluesky:1"`)
	b.wait(`document.querySelector('[data-item="bluesky:1"]').dataset.claimed === "Aiko"`)
	if got := eval[string](b, `document.querySelector('[data-item="bluesky:1"] .item__claim').innerText`); got != "Aiko is looking at this post" {
		t.Errorf("the other desk says %q", got)
	}
	if !eval[bool](b, `[...document.querySelectorAll('[data-item="bluesky:1"] .act')].every(button => button.disabled)`) {
		t.Error("the other desk can decide the post")
	}
	b.press(kb.ArrowDown)
	b.wait(`document.activeElement.dataset.post === "bluesky:2"`)
}

func TestDesk_TheKeyboardIsEnoughAndTheFocusMovesOn(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.post(byAuthor(1, "mio", "apple words"), byAuthor(2, "kei", "plum words"), byAuthor(3, "rin", "pear words"))
	b := openDesk(t, s, "Aiko")
	b.press("a") // the first press chooses a post, and decides nothing
	b.wait(`document.activeElement.dataset.post === "bluesky:1"`)
	if n := d.audited(); n != 0 {
		t.Fatalf("%d actions before a post was chosen", n)
	}
	b.press("a")
	b.wait(`document.activeElement.dataset.post === "bluesky:2"`)
	b.press("h")
	b.wait(`document.activeElement.dataset.post === "bluesky:3"`)
	b.press(kb.ArrowRight)
	b.wait(`document.activeElement.dataset.post === "bluesky:1"`)
	b.press("n")
	b.wait(`document.querySelector("#shown .item[data-pinned]") && document.activeElement.closest("#shown")`)
	b.press(kb.ArrowRight)
	b.wait(`document.activeElement.closest("#hidden")`)
	b.press("a")
	b.wait(`document.querySelectorAll("#shown .item").length === 2`)
	b.press("u")
	b.wait(`document.querySelectorAll("#hidden .item").length === 1`)
}

func TestDesk_NothingMovesUnderThePointer(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"), byAuthor(2, "kei", "plum words"), byAuthor(3, "rin", "pear words"))
	b := openDesk(t, s, "Aiko")
	x, y := b.middle(`#shown .item[data-item="bluesky:1"] .tweet`)
	b.do(chromedp.MouseEvent("mouseMoved", x, y))
	d.post(byAuthor(4, "sora", "fig words"))
	d.Act(t.Context(), moderation.Action{Do: moderation.Hide, ID: "bluesky:3", By: "Ben"})
	b.wait(`document.querySelector("#hidden .item") && !document.getElementById("new").hidden`)
	if _, now := b.middle(`#shown .item[data-item="bluesky:1"] .tweet`); now != y {
		t.Errorf("the post under the pointer has moved from %v to %v", y, now)
	}
	if eval[bool](b, `document.getElementById("shown").textContent.includes("pear words")`) {
		t.Error("the post that another moderator has hidden is still shown")
	}
	b.do(chromedp.MouseEvent("mouseMoved", 2, 2))
	b.wait(in("shown", "bluesky:4") + ` && document.querySelectorAll("#shown .item").length === 3`)
}

func TestDesk_ADeletedPostLeavesTheDesk(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.post(byAuthor(1, "mio", "apple words"))
	b := openDesk(t, s, "Aiko")
	d.emit(destroyed(byAuthor(1, "mio", "")))
	b.within(aSecond, nowhere)
}

func TestDesk_AnEndedSessionLeadsToTheLogin(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.post(byAuthor(1, "mio", "apple words"))
	b := openDesk(t, s, "Aiko")
	b.run(`fetch("/admin/logout", { method: "POST", redirect: "manual", body: new URLSearchParams({ form: document.getElementById("desk").dataset.form }) })`)
	b.wait(`true`)
	b.pressAct("bluesky:1", "approve")
	b.waitDocument(`document.querySelector("[name=token]") !== null`)
	if n := d.audited(); n != 0 {
		t.Error("an action without a session has an effect")
	}
}

func TestAdmin_IsAccessible(t *testing.T) {
	axe := loadAxe(t)
	for i, path := range []string{"", "/screens", "/rules?q=ferry", "/sources", "/log"} {
		for w, px := range []int64{1440, 768, 390, 320} {
			lang, scheme := []string{"en", "ja"}[(i+w)%2], []string{"light", "dark"}[(i+w/2)%2]
			t.Run(fmt.Sprintf("%s, %d px, %s, %s", path, px, lang, scheme), func(t *testing.T) {
				t.Parallel()
				s, d := newModeratedSite(t, moderation.After)
				fillDesk(s, d)
				b := openDesk(t, s, "Aiko", width(px), media("prefers-color-scheme", scheme), letters([]int64{100, 200}[(i/2+w)%2]), preload(axe))
				b.visit(s.url + "/admin?lang=" + lang)
				b.visit(s.url + "/admin" + path)
				if path == "" {
					b.waitState("live")
					b.press("f")
					b.wait(`!document.getElementById("told").hidden`)
				}
				b.audit("the page of moderators " + path)
				b.press("?")
				b.wait(`document.getElementById("help").open`)
				b.audit("the help of " + path)
			})
		}
	}
	t.Run("login", func(t *testing.T) {
		s, _ := newModeratedSite(t, moderation.After)
		b := open(t, s, "/admin", preload(axe))
		b.audit("the login")
		b.run(`document.querySelector("[name=name]").value = "x"; document.querySelector("[name=token]").value = "wrong"; document.querySelector("form").requestSubmit()`)
		b.waitDocument(`document.getElementById("login-wrong") !== null`)
		b.audit("a wrong login")
	})
}

func TestDesk_IsLiveWithoutWebSockets(t *testing.T) {
	for name, blocked := range map[string]string{"event streams": "", "polls": `globalThis.EventSource = class { addEventListener() {} close() {} constructor() { setTimeout(() => this.onerror?.()) } };`} {
		t.Run(name, func(t *testing.T) {
			s, d := newModeratedSite(t, moderation.Before)
			b := openDesk(t, s, "Aiko", preload(blocked+`globalThis.WebSocket = class { static OPEN = 1; close() {} constructor() { setTimeout(() => this.onclose?.({})) } }`))
			d.post(byAuthor(1, "mio", "apple words"))
			b.wait(in("waiting", "bluesky:1"))
			b.pressAct("bluesky:1", "approve")
			b.wait(in("shown", "bluesky:1"))
		})
	}
}
