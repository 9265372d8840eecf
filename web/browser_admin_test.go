package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nagare/stream/moderation"
)

// openDesk logs in with the form of the page, and waits until the lists are live.
func openDesk(t *testing.T, s *site, name string, settings ...setting) *tab {
	t.Helper()
	b := open(t, s, "/admin", settings...)
	b.run(`document.querySelector("[name=name]").value = "` + name + `"; document.querySelector("[name=token]").value = "` + adminToken + `"; document.querySelector("form").requestSubmit()`)
	b.waitDocument(`document.documentElement.dataset.state === "live" && document.getElementById("lists") !== null`)
	return b
}

// in is a condition: the post is in that list of the desk.
func in(list, id string) string {
	return fmt.Sprintf(`document.querySelector('#%s .item[data-item="%s"] .tweet')`, list, id)
}

// press presses the button of a post on the desk.
func (b *tab) pressAct(id, name string) {
	b.t.Helper()
	b.run(fmt.Sprintf(`[...document.querySelectorAll('.item[data-item="%s"] [data-do="%s"]')].find(button => button.checkVisibility()).click()`, id, name))
}

// within fails the test unless the condition becomes true in a second.
func (b *tab) within(limit time.Duration, condition string) {
	b.t.Helper()
	begun := time.Now()
	b.wait(condition)
	if took := time.Since(begun); took > limit {
		b.t.Errorf("%s took %v, want at most %v", condition, took, limit)
	}
}

const nowhere = `!document.documentElement.outerHTML.includes("apple words")`

// fillDesk fills the desk with posts of every list.
func fillDesk(s *site, d *testDesk) {
	words := []string{
		"The ferry leaves from pier two tonight, the other one is closed for repairs.",
		"Lanterns float from eight o’clock on. Bring something warm, it gets cold by the water.",
		"Buy followers now!!! cheap-followers.example — only today, only here", "花火は20時から。橋の上は通行止めです。",
		"Has anyone found a red umbrella near the old bridge?",
		"A very long post about the festival, which goes on and on: the drums, the food stalls along the river, the children with their paper boats, and the moment when all lights go out and only the lanterns are left on the water.",
	}
	authors := []string{"mio", "kei", "aiko", "ben", "rin", "sora"}
	for n := range 9 {
		d.post(byAuthor(100+n, authors[n%6], words[n%6]))
	}
	act := func(a moderation.Action) {
		if _, err := d.Act(s.t.Context(), a); err != nil {
			s.t.Fatal(err)
		}
	}
	act(moderation.Action{Do: moderation.AddRule, Value: "cheap-followers.example", By: "Aiko"})
	act(moderation.Action{Do: moderation.Hide, ID: "bluesky:104", By: "Aiko", Why: "off topic"})
	act(moderation.Action{Do: moderation.Hide, ID: "bluesky:101", By: "Ben"})
	act(moderation.Action{Do: moderation.Pin, ID: "bluesky:108", By: "Ben"})
	act(moderation.Action{Do: moderation.Allow, Value: "press.example", By: "Ben"})
	act(moderation.Action{Do: moderation.SetMode, Value: "before", By: "Ben"})
	for n := range 6 {
		d.post(byAuthor(200+n, authors[(n+1)%6], words[(n+2)%6]))
	}
	act(moderation.Action{Do: moderation.Block, Author: "bluesky:did:sora", Value: "sora.example", By: "Aiko"})
	s.emit(statusOf("live", "", 0))
	fillQuotas(s, d)
}

func TestAdmin_Screenshots(t *testing.T) {
	notShort(t, "runs Chromium")
	for _, sc := range []struct {
		name, path string
		settings   []setting
	}{
		{"desk", "", []setting{window(1440, 900)}},
		{"desk-dark-japanese", "?lang=ja", []setting{window(1440, 900), media("prefers-color-scheme", "dark")}},
		{"desk-phone", "", []setting{window(390, 844)}},
		{"desk-phone-dark-japanese", "?lang=ja", []setting{window(390, 844), media("prefers-color-scheme", "dark")}},
		{"desk-narrow", "", []setting{window(320, 640)}},
		{"desk-large-letters-phone", "", []setting{window(390, 844), letters(200)}},
		{"admin-screens", "/screens", []setting{window(1280, 900)}},
		{"admin-screens-phone", "/screens", []setting{window(390, 844)}},
		{"admin-rules", "/rules?q=ferry", []setting{window(1280, 1600)}},
		{"admin-rules-phone-dark-japanese", "/rules?q=ferry", []setting{window(390, 2200), media("prefers-color-scheme", "dark")}},
		{"admin-sources", "/sources", []setting{window(1280, 900)}},
		{"admin-sources-phone", "/sources", []setting{window(390, 844)}},
		{"admin-log", "/log", []setting{window(1280, 900)}},
		{"admin-log-phone", "/log", []setting{window(390, 844)}},
	} {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			s, d := newModeratedSite(t, moderation.After)
			fillDesk(s, d)
			b := openDesk(t, s, "Aiko", sc.settings...)
			if strings.Contains(sc.name, "japanese") {
				b.visit(s.url + "/admin?lang=ja")
				b.waitState("live")
			}
			if sc.path != "" && sc.path != "?lang=ja" {
				b.visit(s.url + "/admin" + sc.path)
			}
			b.settle()
			b.shoot(sc.name)
			b.checkShape()
		})
	}
	t.Run("login", func(t *testing.T) {
		s, _ := newModeratedSite(t, moderation.After)
		b := open(t, s, "/admin", window(390, 844))
		b.shoot("admin-login-phone")
	})
}
