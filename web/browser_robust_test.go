package web_test

import (
	"strings"
	"testing"
	"time"

	"nagare/stream"
)

// A newer server can send cards with words for which the loaded page has no translation.
func TestPage_AnUnknownWordStaysEnglish(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	b := openLive(t, s, "/?lang=ja")
	html := strings.Replace(placedCard(t, s, 1), `data-post="replay:1"`, `data-post="newer"`, 1)
	html = strings.Replace(html, "</article>", `<span class="unknown" data-t="of a newer server">In English</span></article>`, 1)
	html = strings.Replace(html, ` data-seq="1"`, "", 1)
	if _, err := s.channel.Trigger(t.Context(), "create", map[string]string{"id": "newer", "html": html}); err != nil {
		t.Fatal(err)
	}
	b.wait(`document.querySelector(".unknown")`)
	if got := eval[string](b, `document.querySelector(".unknown").textContent`); got != "In English" {
		t.Errorf("the unknown word is shown as %q", got)
	}
}

// Each change of an attribute makes the browser compute styles again. The page therefore writes no
// attributes of rows that don't change.
func TestPage_ANewPostWritesFewAttributes(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.run(`globalThis.writes = []
		new MutationObserver(changes => writes.push(...changes.map(change => change.attributeName)))
			.observe(document.getElementById("feed"), { subtree: true, attributes: true, attributeFilter: ["aria-setsize", "tabindex", "datetime", "title"] })`)
	s.publish(1)
	b.waitShown(31)
	b.settle()
	// Two rows change their tabindex, and the new row gets its tabindex, its position and the size of the list.
	if got := eval[[]string](b, `writes`); len(got) > 4 {
		t.Errorf("%d attributes were written: %q", len(got), got)
	}
}

func TestPage_SaysThatNothingIsComingInIfAllSourcesFail(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	s.emit(statusOf(stream.Waiting, stream.FaultUnreachable, time.Hour))
	b := open(t, s, "/")
	b.waitStatus("Nothing is coming in")
	if state := eval[string](b, `document.documentElement.dataset.state`); state == "live" {
		t.Error("the dot is that of a live page")
	}
	s.emit(statusOf(stream.Live, "", 0))
	b.waitStatus("Live")
	s.emit(statusOf(stream.Stopped, stream.FaultUnreachable, time.Hour))
	b.waitStatus("Nothing is coming in")
}

func TestPage_AfterAGapTheStatusSaysThatPostsAreMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	back := s.lose()
	b.waitState("reconnecting")
	s.publish(600)
	b.run(`void (seen.states.length = 0)`)
	back()
	b.click("now")
	b.waitState("gap")
	b.waitStatus(eval[string](b, `document.querySelector("#announce").textContent`))
	if got := b.text("announce"); !strings.HasPrefix(got, "About ") || !strings.HasSuffix(got, " posts missing") {
		t.Errorf("screen readers hear %q, want how many posts are missing", got)
	}
	b.waitState("live")
	if states := eval[[]string](b, `seen.states`); strings.Contains(strings.Join(states, " "), "recovered") {
		t.Errorf("the states were %v, though posts are missing", states)
	}
	if got := b.text("announce"); !strings.HasPrefix(got, "About ") {
		t.Errorf("screen readers hear %q over the gap", got)
	}
}

// A connection that comes back without missed posts says so without a number.
func TestPage_AReturnWithoutMissedPostsNamesNoNumber(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	for lang, want := range map[string]string{"en": "Back.", "ja": "復帰しました"} {
		b := openLive(t, s, "/?lang="+lang)
		back := s.lose()
		b.waitState("reconnecting")
		back()
		b.click("now")
		b.waitState("recovered")
		b.waitStatus(want)
		if got := b.text("announce"); got != want {
			t.Errorf("screen readers hear %q, want %q", got, want)
		}
	}
}

// hovers sets whether the device has a pointer that can hover, as a mouse can and a touch screen
// can't.
func hovers(can string) setting {
	return preload(`{ const real = matchMedia
		globalThis.matchMedia = query => query === "(hover: hover)" ? { matches: ` + can + ` } : real(query) }`)
}

func TestPage_AnnouncesAKeyOnlyIfKeysAreOnAndThereIsAMouse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ can, keys, want string }{
		{"true", "on", "1 new post. Press full stop to show it."},
		{"true", "off", "1 new post."},
		{"false", "on", "1 new post."},
	} {
		t.Run(c.can+" "+c.keys, func(t *testing.T) {
			s := newSite(t, 0)
			s.publish(5)
			b := openLive(t, s, "/", hovers(c.can), preload(`localStorage.setItem("single-keys", "`+c.keys+`")`))
			b.click("pause")
			s.publish(1)
			b.wait(`document.getElementById("announce").textContent`)
			if got := b.text("announce"); got != c.want {
				t.Errorf("screen readers hear %q, want %q", got, c.want)
			}
		})
	}
}

const pressKey = `globalThis.pressKey = (key, code, more) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, ...more }))`

func TestKeys_AHeldKeyTogglesOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	b := openLive(t, s, "/", preload(pressKey))
	b.run(`pressKey("p", "KeyP"); for (let i = 0; i < 4; i++) pressKey("p", "KeyP", { repeat: true })`)
	b.waitState("paused")
	b.run(`pressKey("p", "KeyP"); for (let i = 0; i < 5; i++) pressKey("p", "KeyP", { repeat: true })`)
	b.waitState("live")
}

func TestKeys_WorkWithCapsLockAndOnOtherLayouts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(9)
	b := openLive(t, s, "/", preload(pressKey))
	for _, c := range []struct{ key, code, want string }{
		{"j", "KeyJ", "9"}, {"J", "KeyJ", "8"}, {"о", "KeyJ", "7"}, {"ㅓ", "KeyJ", "6"},
		{"h", "KeyJ", "6"}, // the key at the place of J on the Dvorak layout
		{"j", "KeyC", "5"}, {"л", "KeyK", "6"},
	} {
		b.run(`pressKey("` + c.key + `", "` + c.code + `")`)
		b.wantFocus(c.key+" on "+c.code, c.want)
	}
	b.run(`pressKey("J", "KeyJ", { shiftKey: true })`)
	b.wantFocus("Shift+J", "6")
	b.run(`pressKey(",", "Slash", { shiftKey: true })`) // no layout has the question mark on such a key
	b.run(`pressKey("ю", "Period")`)
	if eval[bool](b, `document.getElementById("help").open`) {
		t.Error("a comma opened the help")
	}
}
