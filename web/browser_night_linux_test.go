package web_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"

	"nagare/stream"
)

var minutes = flag.Int("minutes", 0, "how long TestWall_StaysSmallAtFiftyPostsASecond runs; 0: for some seconds")

// A wall of the real program, with 50 posts and 10 edits and deletions a second, on a processor that is four times
// slower. By hand, for half an hour, with what is measured each minute:
//
//	go test ./web -run TestWall_StaysSmallAtFiftyPostsASecond -minutes 30 -timeout 0 -v
func TestWall_StaysSmallAtFiftyPostsASecond(t *testing.T) {
	notShort(t, "runs Chromium")
	store := filepath.Join(t.TempDir(), "nagare.db")
	p := startProgram(t, []string{"replay", busyRecording(t), "--rate=60", "--loop"}, "STORE="+store, "ADMIN_TOKEN="+adminToken, "MODERATION=after")
	b := openLive(t, p.site, "/wall?every=1", window(1920, 1080), preload(longFrames), slow(4))
	began := time.Now()
	first := eval[int](b, offsetOf)
	t.Logf("at the beginning: %s, memory of the program %.1f MB", b.usage(), p.memory())
	for minute := range *minutes {
		time.Sleep(time.Until(began.Add(time.Duration(minute+1) * time.Minute))) // the test measures over time
		t.Logf("minute %d: event %d, %s, memory of the program %.1f MB", minute+1, eval[int](b, offsetOf), b.usage(), p.memory())
		b.wantSmall()
	}
	b.waitPosition(first + max(240, int(time.Since(began).Seconds()*50)))
	b.wait(cardsOn + `.length >= 5`)
	t.Logf("at the end: %s, memory of the program %.1f MB", b.usage(), p.memory())
	b.wantSmall()
}

// busyRecording writes a recording of posts of every length, some with pictures, and of edits and deletions. It
// returns its path.
func busyRecording(t *testing.T) string {
	t.Helper()
	var ops []stream.Op
	for n := range 1000 {
		post := madeUp(n)
		if n%5 == 0 {
			post.Media = slices.Repeat([]stream.Media{picture("image", "river", "The river", 1200, 800)}, 1+n%4)
		}
		ops = append(ops, created(post))
		if n%10 == 7 {
			edited := madeUp(n)
			edited.EditedAt, edited.Text = post.CreatedAt.Add(time.Second), said("better words")
			ops = append(ops, updated(edited))
		}
		if n%10 == 9 {
			ops = append(ops, destroyed(madeUp(n-5)))
		}
	}
	return recordingOf(t, ops...)
}

// slow makes the processor of a tab so many times slower, and measures what the tab takes.
func slow(times float64) setting {
	return func(b *tab) {
		command(b, performance.Enable, performance.EnableParams{})
		command(b, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times})
	}
}

// longFrames records the frames that take longer than 50 ms: the browser reports no shorter ones.
const longFrames = `globalThis.slowFrames = []
	new PerformanceObserver(list => slowFrames.push(...list.getEntries().map(frame => Math.round(frame.duration)))).observe({ type: "long-animation-frame", buffered: true })`

const offsetOf = `Number(document.getElementById("feed").dataset.offset)`

// usage describes what a tab takes, without garbage, and its slow frames since the last call.
func (b *tab) usage() string {
	b.t.Helper()
	frames := eval[[]int](b, `slowFrames.splice(0)`)
	slices.Sort(frames)
	m := b.metrics()
	return fmt.Sprintf("script %.1f MB, %.0f nodes, %.0f listeners, frames over 50 ms: %d %v", m["JSHeapUsedSize"]/1e6, m["Nodes"], m["JSEventListeners"], len(frames), frames[max(0, len(frames)-3):])
}

// metrics returns what the browser measures in a tab, once it has collected its garbage.
func (b *tab) metrics() map[string]float64 {
	b.t.Helper()
	command(b, heapprofiler.CollectGarbage, cdp.Empty{})
	all := map[string]float64{}
	for _, m := range command(b, performance.GetMetrics, cdp.Empty{}).Metrics {
		all[m.Name] = m.Value
	}
	return all
}

// wantSmall expects that a wall has no more than it can show.
func (b *tab) wantSmall() {
	b.t.Helper()
	const mostCards, mostNodes, mostHeap = 40, 2500, 3e6
	m := b.metrics()
	if n := eval[int](b, `document.querySelectorAll(".tweet").length`); n > mostCards || m["Nodes"] > mostNodes || m["JSHeapUsedSize"] > mostHeap {
		b.t.Errorf("%d cards, %.0f nodes and %.0f bytes of the script, want at most %d, %d and %.0f", n, m["Nodes"], m["JSHeapUsedSize"], mostCards, mostNodes, mostHeap)
	}
}

var residentPattern = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// memory returns the resident memory of the program in megabytes.
func (p *program) memory() float64 {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	kilobytes, err := strconv.ParseFloat(string(residentPattern.FindSubmatch(status)[1]), 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return kilobytes / 1000
}
