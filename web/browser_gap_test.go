package web_test

import (
	"fmt"
	"testing"
	"time"
)

// gapAfter shows two posts of the given times with a gap between them, and returns the text of the
// gap.
func gapAfter(t *testing.T, path string, older, newer time.Time, settings ...setting) string {
	t.Helper()
	s := newSite(t, 20)
	s.emit(createdAt(older, 1000))
	b := openLive(t, s, "/"+path, append(settings, withZone("UTC"))...)
	back := s.lose()
	b.waitState("reconnecting")
	for i := range 400 {
		s.emit(createdAt(newer, 2000+i))
	}
	back()
	b.click("now")
	b.wait(`document.querySelector(".gap")`)
	b.waitPosition(401)
	b.wait(`document.querySelector(".gap").previousElementSibling && document.querySelector(".gap").nextElementSibling.dataset.post === "replay:1000"`)
	b.want("the gap", map[string]string{"it has its words as a name": `document.querySelector(".gap").ariaLabel === document.querySelector(".gap").innerText`})
	return eval[string](b, `document.querySelector(".gap").innerText`)
}

func TestPage_AGapShowsItsTimes(t *testing.T) {
	now := time.Now().UTC()
	day := time.Date(now.Year()-1, time.March, 4, 19, 21, 0, 0, time.UTC)
	for _, c := range []struct {
		name, path   string
		older, newer time.Time
		want         string
	}{
		{"some minutes", "", day, day.Add(3 * time.Minute), fmt.Sprintf("About 380 posts of 4 Mar %d, 19:21–19:24 are missing", day.Year())},
		{"one minute", "", day, day.Add(3 * time.Second), fmt.Sprintf("About 380 posts of 4 Mar %d, 19:21 are missing", day.Year())},
		{"in the wrong order", "", day.Add(3 * time.Minute), day, fmt.Sprintf("About 380 posts of 4 Mar %d, 19:21–19:24 are missing", day.Year())},
		{"Japanese", "?lang=ja", day, day.Add(3 * time.Second), fmt.Sprintf("約380件の投稿が抜けています（%d年3月4日 19:21）", day.Year())},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := gapAfter(t, c.path, c.older, c.newer); got != c.want {
				t.Errorf("the gap says %q, want %q", got, c.want)
			}
		})
	}
}

// Whether a time is today's depends on the server's clock, not on the reader's.
func TestPage_AGapOfTodayHasNoDate(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	got := gapAfter(t, "", now, now, preload(skewedClock+`; globalThis.skew = 172_800_000`))
	if want := "About 380 posts of " + now.Format("15:04") + " are missing"; got != want {
		t.Errorf("the gap says %q, want %q", got, want)
	}
}
