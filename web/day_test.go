package web

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
)

// counted is a history that counts how often it was asked for the posts of a day.
type counted struct {
	History
	asked *atomic.Int32
}

func (c counted) Counts(ctx context.Context, channel string, from time.Time, step time.Duration, n int) ([]int, error) {
	c.asked.Add(1)
	return c.History.Counts(ctx, channel, from, step, n)
}

var hourPattern = regexp.MustCompile(`<li><(?:a (?:rel="nofollow" )?href="([^"]*)"|span)[^>]*><time datetime="([^"]*)" data-time="clock">([^<]*)</time> <span class="day__count">([^<]*)</span>`)

// Virtual time begins at midnight on 1 January 2000.
func TestDay_DrawsThePostsOfTheLast24Hours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		time.Sleep(30*time.Hour + 10*time.Minute)
		f.emit(creates(1, 7)...)
		time.Sleep(90 * time.Minute) // 07:40
		f.emit(creates(8, 10)...)
		page := f.get("/?q=words").Body.String()
		hours := hourPattern.FindAllStringSubmatch(page, -1)
		if len(hours) != 24+5 {
			t.Fatalf("%d hours and steps", len(hours))
		}
		for i, want := range map[int][4]string{
			0:  {"", "2000-01-01T08:00:00Z", "08:00", "0"},
			22: {"/?q=words&amp;at=2000-01-02T07:00Z", "2000-01-02T06:00:00Z", "06:00", "7"},
			23: {"/?q=words", "2000-01-02T07:00:00Z", "07:00", "3"},
			24: {"", "2000-01-02T07:00:00Z", "07:00", "0"},
			28: {"/?q=words", "2000-01-02T07:40:00Z", "07:40", "3"},
		} {
			if got := [4]string(hours[i][1:]); got != want {
				t.Errorf("hour %d is %v, want %v", i, got, want)
			}
		}
		drawing := regexp.MustCompile(`<path class="day__posts" d="([^"]*)"`).FindStringSubmatch(page)
		want := "M0 24V24" + strings.Repeat("h1", 22*6+1) + "V0h1V24" + strings.Repeat("h1", 8) + "V13h1V24h1V24z"
		if drawing == nil || drawing[1] != want {
			t.Errorf("drawn as %v, want %s", drawing, want)
		}
		if strings.Contains(page, "day__mark") || strings.Contains(page, "day__gap") || !strings.Contains(page, "at most 0.7 a minute") {
			t.Error("a live page marks a moment or a gap, or says another rate")
		}
	})
}

// The posts of the running hour are found by its ten-minute steps, and by the hour as far as these have ended.
func TestDay_TheRunningHourLeadsToItsPosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		time.Sleep(30*time.Hour + 10*time.Minute) // 06:10
		f.emit(creates(1, 7)...)
		time.Sleep(27 * time.Minute) // 06:37
		f.emit(creates(8, 9)...)
		hours := hourPattern.FindAllStringSubmatch(f.get("/").Body.String(), -1)
		for i, want := range map[int]string{23: "/?at=2000-01-02T06:30Z", 24: "", 25: "/?at=2000-01-02T06:20Z", 26: "", 27: "/"} {
			if hours[i][1] != want {
				t.Errorf("%s leads to %q, want %q", hours[i][3], hours[i][1], want)
			}
		}
		if page := f.get("/?at=2000-01-02T06:20Z").Body.String(); !strings.Contains(page, `<a rel="nofollow" href="/?at=2000-01-02T06:20Z" aria-current="true"><time datetime="2000-01-02T06:10:00Z"`) {
			t.Error("a page of the past doesn't mark its step")
		}
		if links := regexp.MustCompile(`<a [^>]*href="/\?at=[^>]*>`).FindAllString(f.get("/").Body.String(), -1); len(links) == 0 || strings.Contains(strings.Join(links, ""), "nofollow") {
			t.Errorf("the newest page has the links %q, want that search engines follow them", links)
		}
	})
}

func TestDay_APageOfThePastMarksItsMomentAndWhatASourceMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		time.Sleep(30 * time.Hour)
		f.emit(creates(1, 7)...)
		from := time.Now()
		f.emit(stream.Op{Kind: stream.Gap, Notice: &stream.Notice{Source: "bluesky", Network: "bluesky", From: from, To: from.Add(25 * time.Minute)}})
		time.Sleep(90 * time.Minute)
		page := f.get("/?at=2000-01-02T06:20Z").Body.String()
		for _, want := range []string{`class="day__mark" d="M134.0 0v24"`, `class="day__gap" d="M132 23H135"`, `aria-current="true"><time datetime="2000-01-02T06:00:00Z"`, `id="day-title">The last 24 hours`, "posts of a source are missing"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
		time.Sleep(100 * time.Hour)
		page = f.get("/?at=2000-01-02T06:20Z").Body.String()
		if hours := hourPattern.FindAllStringSubmatch(page, -1); hours[6][2] != "2000-01-01T18:00:00Z" || hours[18][4] != "7" || hours[0][4] != "7" || !strings.Contains(page, `class="day__mark" d="M74.0 0v24"`) {
			t.Errorf("long after, the hours around the moment begin with %v", hours[0])
		}
	})
}

func TestDay_TheDrawingIsSmallAndCountedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		f := stored(t, func(h History) History { return counted{h, &asked} })
		for n := range daySteps {
			f.emit(creates(10*n+1, 10*n+1+n*7%10)...)
			time.Sleep(dayStep)
		}
		asked.Store(0)
		for n := range 50 {
			page := f.get(fmt.Sprint("/?q=x", n)).Body.String()
			begin, end := strings.Index(page, `<svg class="day__drawing"`), strings.Index(page, `day__axis`)
			if size := end - begin; begin < 0 || size > 3<<10 {
				t.Errorf("the drawing has %d bytes, want at most 3 KiB", size)
			}
			time.Sleep(time.Second)
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("counted %d times in 50 s, want once", n)
		}
		time.Sleep(dayAge)
		if f.get("/"); asked.Load() != 2 {
			t.Error("not counted again after a minute")
		}
	})
}

func TestDay_WithoutCountsAPageHasNoDrawing(t *testing.T) {
	f := stored(t, func(h History) History { return uncounted{h} })
	f.emit(creates(1, 3)...)
	for _, path := range []string{"/", "/?at=2001-01-01T00:00Z"} {
		if w := f.get(path); w.Code != 200 || strings.Contains(w.Body.String(), "day__") {
			t.Errorf("%s: got %d, with a drawing", path, w.Code)
		}
	}
}

// leafing is a history with another client: while posts are counted, it asks for many days.
type leafing struct {
	History
	asked *atomic.Int32
	days  **days
}

func (l leafing) Counts(ctx context.Context, channel string, from time.Time, step time.Duration, n int) ([]int, error) {
	l.asked.Add(1)
	for i := range 3 * mostDays {
		(*l.days).find(from.Add(-time.Duration(i+1) * time.Hour))
	}
	return l.History.Counts(ctx, channel, from, step, n)
}

func TestDay_AClientThatGoesThroughThePastTakesNoDayFromOtherPages(t *testing.T) {
	var asked atomic.Int32
	var d *days
	f := stored(t, func(h History) History { return leafing{h, &asked, &d} })
	f.emit(creates(1, 3)...)
	d = &days{timeline: f.timeline}
	now := time.Now().UTC().Truncate(time.Hour)
	for i := range 40 {
		if d.at(t.Context(), now) == nil || d.at(t.Context(), now.Add(-time.Duration(i+100)*time.Hour)) == nil {
			t.Fatalf("round %d: a day is not known", i)
		}
	}
	if n := asked.Load(); n > 41 {
		t.Errorf("counted %d times, want 40 times the past and once the present day", n)
	}
	if n := len(d.held); n > mostDays {
		t.Errorf("%d days are held", n)
	}
}
