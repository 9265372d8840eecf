package web_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"nagare/stream"
)

func itoa(n int) string { return strconv.Itoa(n) }

// skewedClock replaces the reader's clock with one that the test can set forward, in ms.
const skewedClock = `globalThis.skew = 0
globalThis.Date = class extends Date {
	constructor(...given) { given.length > 0 ? super(...given) : super(Date.now()) }
	static now() { return super.now() + globalThis.skew }
}`

const ages = `[...document.querySelectorAll(".tweet__age")].map(age => age.textContent)`

func TestPage_AgesAreShortAndOldDatesHaveAYear(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	now := time.Now()
	created30May := time.Date(2023, time.May, 30, 12, 0, 0, 0, time.UTC)
	want := []string{"now", "1m", "2h", "30 May 2023"}
	for i, at := range []time.Time{created30May, now.Add(-2*time.Hour - time.Minute), now.Add(-90 * time.Second), now.Add(-2 * time.Second)} {
		post := madeUp(i + 1)
		post.CreatedAt = at
		s.emit(created(post))
	}
	b := openLive(t, s, "/")
	if got := eval[[]string](b, ages); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the ages are %q, want %q", got, want)
	}
	if got, want := eval[string](b, `document.querySelectorAll(".tweet__age")[3].title`), "30 May 2023, 12:00"; got != want {
		t.Errorf("the title of a date is %q, want %q", got, want)
	}
}

// The reader's clock can be wrong, so the page uses the time that the server sends.
func TestPage_ComputesAgesWithTheServersClock(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	for name, ms := range map[string]string{"fast": "660_000", "slow": "-660_000"} {
		t.Run(name, func(t *testing.T) {
			old := madeUp(1000)
			old.ID, old.CreatedAt = "replay:old "+name, time.Now().Add(-5*time.Minute-time.Second)
			s.emit(created(old))
			b := openLive(t, s, "/", preload(skewedClock+`; globalThis.skew = `+ms))
			b.wait(`document.querySelector(".tweet__age").textContent === "5m"`)
			post := madeUp(2000)
			post.ID = "replay:new " + name
			s.emit(created(post))
			b.wait(`document.querySelector('[data-post="` + post.ID + `"]')`)
			if got := eval[string](b, `document.querySelector(".tweet__age").textContent`); got != "now" {
				t.Errorf("a post of this second has the age %q", got)
			}
		})
	}
}

// All ages are as of one moment, so that no post seems older than another one of the same time.
func TestPage_PostsOfTheSameTimeHaveTheSameAge(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	at := time.Now().Add(-90 * time.Second)
	s.emit(createdAt(at, 1))
	b := openLive(t, s, "/", preload(skewedClock))
	b.run(`globalThis.skew = 40_000`)
	s.emit(createdAt(at, 2))
	b.waitShown(2)
	if got := eval[[]string](b, ages); got[0] == "now" || got[0] != got[1] {
		t.Errorf("posts of the same time have the ages %q", got)
	}
}

func TestPage_APollClosesAtItsEndTime(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	post := madeUp(1)
	post.Poll = &stream.Poll{EndsAt: time.Now().Add(time.Hour), Options: []stream.PollOption{{Title: "Yes"}, {Title: "No"}}}
	far := madeUp(2)
	ends := time.Now().AddDate(1, 0, 0)
	far.Poll = &stream.Poll{EndsAt: ends, Options: post.Poll.Options}
	s.emit(created(post))
	s.emit(created(far))
	b := openLive(t, s, "/", preload(skewedClock))
	const end = `[...document.querySelectorAll(".poll__end")].map(end => end.innerText.trim())`
	if got := eval[[]string](b, end); !strings.HasPrefix(got[1], "Poll open until") || !strings.Contains(got[0], strconv.Itoa(ends.Year())) {
		t.Errorf("the polls say %q, want until when they are open, with the year that isn't this one", got)
	}
	b.run(`globalThis.skew = 7_200_000; document.dispatchEvent(new Event("visibilitychange"))`)
	if got := eval[[]string](b, end); got[1] != "Poll closed" || !strings.HasPrefix(got[0], "Poll open until") {
		t.Errorf("two hours on the polls say %q, want the second to be closed", got)
	}
}

// Like the ages of posts, the time in "Offline" is computed with the server's clock.
func TestPage_ComputesTheTimeInOfflineWithTheServersClock(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	b := openLive(t, s, "/", withZone("UTC"), preload(skewedClock+`; globalThis.skew = 18_000_000`))
	before := time.Now().UTC()
	b.goOffline(s)
	got := b.text("status")
	for _, at := range []time.Time{before, time.Now().UTC()} {
		if got == "Offline. Posts up to "+at.Format("15:04")+"." {
			return
		}
	}
	t.Errorf("the status is %q, want the time %s", got, before.Format("15:04"))
}

// hiddenTiming hides the header Server-Timing from the page, as browsers do over plain HTTP.
const hiddenTiming = `; performance.getEntriesByType = () => []`

// The reader's clock is a quarter of an hour fast or slow. Ages, polls, countdowns and the time in
// "Offline" are those of the server's clock.
func TestPage_AWrongClockOfTheReaderMakesNoTimeFalse(t *testing.T) {
	t.Parallel()
	for name, skew := range map[string]string{
		"fast": "900_000", "slow": "-900_000",
		"fast, over plain HTTP": "900_000" + hiddenTiming, "slow, over plain HTTP": "-900_000" + hiddenTiming,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			now := time.Now()
			options := []stream.PollOption{{Title: "Yes"}, {Title: "No"}}
			for i, ends := range []time.Time{now.Add(-3 * time.Minute), now.Add(3 * time.Minute)} {
				post := madeUp(i + 1)
				post.CreatedAt, post.Poll = now.Add(-5*time.Minute-10*time.Second), &stream.Poll{EndsAt: ends, Options: options}
				s.emit(created(post))
			}
			b := openLive(t, s, "/", withZone("UTC"), preload(skewedClock+`; globalThis.skew = `+skew))
			b.wait(`document.querySelector(".tweet__age").textContent === "5m"`)
			b.want("the page", map[string]string{
				"the ages":      `[...document.querySelectorAll(".tweet__age")].every(age => age.textContent === "5m")`,
				"the open poll": `document.querySelectorAll(".poll__end")[0].innerText.startsWith("Poll open until")`,
				"the past poll": `document.querySelectorAll(".poll__end")[1].innerText.trim() === "Poll closed"`,
			})
			s.emit(statusOf(stream.Waiting, stream.FaultUnreachable, 50*time.Second))
			b.wait(`/^in [1-5]?[0-9] s$/.test(document.querySelector("#sources .source__retry")?.textContent)`)
			before := time.Now().UTC()
			b.goOffline(s)
			got, after := b.text("status"), time.Now().UTC()
			if said := func(at time.Time) string { return "Offline. Posts up to " + at.Format("15:04") + "." }; got != said(before) && got != said(after) {
				t.Errorf("the status is %q, want the time %s", got, before.Format("15:04"))
			}
		})
	}
}

// Two posts of each minute follow the label with that minute.
func TestPage_AMinuteStandsAboveItsPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	noon := time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)
	publish := func(from, to int) {
		for n := from; n <= to; n++ {
			s.emit(createdAt(noon.Add(time.Duration(n/2)*time.Minute), n))
		}
	}
	publish(0, 69)
	b := openLive(t, s, "/", withZone("UTC"))
	check := func(first, last int) {
		t.Helper()
		b.wait(allCards + `.length === ` + itoa(last-first+1))
		const rows = `[...document.querySelectorAll("#feed > .tweet, #feed > .tick")].map(row => (row.matches(".tick") ? "" : "post ") + (row.innerText.match(/^\d\d:\d\d$/)?.[0] ?? new Date(row.querySelector("time").dateTime).toISOString().slice(11, 16))).join()`
		var want []string
		for n := last; n >= first; n-- {
			at := noon.Add(time.Duration(n/2) * time.Minute).Format("15:04")
			if n%2 == 1 && n < last {
				want = append(want, at)
			}
			want = append(want, "post "+at)
		}
		if got := eval[string](b, rows); got != strings.Join(want, ",") {
			t.Errorf("the rows are %q, want %q", got, want)
		}
	}
	check(40, 69)
	publish(70, 71)
	check(40, 71)
	b.click("older")
	check(10, 71)
}

// Where nearly each post is of another minute, as on the page of an author, the ages of the posts say the same.
func TestPage_MinutesThatFollowEachPostAreLeftOut(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	noon := time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)
	for n := range 60 {
		s.emit(createdAt(noon.Add(time.Duration(n)*time.Minute), n))
	}
	b := openLive(t, s, "/", width(390), preload(shapes))
	for n := 60; n < 64; n++ {
		s.emit(createdAt(noon.Add(time.Duration(n)*time.Minute), n))
		b.wait(allCards + `.length === ` + itoa(n-29))
	}
	b.click("older")
	b.wait(allCards + `.length === 64`)
	b.want("the minutes", map[string]string{
		"most are left out":     `[...document.querySelectorAll(".tick")].filter(tick => tick.checkVisibility()).length <= 2`,
		"each is on the screen": `[...document.querySelectorAll(".tick__label")].every(label => box(label).left >= 0)`,
		"their lines are, too":  `parseFloat(getComputedStyle(document.querySelector(".tick"), "::after").left) >= 12`,
	})
}
