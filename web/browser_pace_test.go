package web_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// watchView records when each new card enters the visible part of the page and when it leaves.
const watchView = `addEventListener("DOMContentLoaded", () => {
	globalThis.views = new Map()
	const watcher = new IntersectionObserver(entries => {
		for (const { target, isIntersecting } of entries) {
			const view = views.get(target)
			if (isIntersecting) view.from ??= performance.now()
			else if (view.from) view.to ??= performance.now()
		}
	}, { rootMargin: "-56px 0px 0px 0px" })
	const watch = ({ addedNodes }) => addedNodes.forEach(node => {
		if (!node.matches?.(".tweet")) return
		views.set(node, {})
		watcher.observe(node)
	})
	new MutationObserver(changes => changes.forEach(watch)).observe(document.getElementById("feed"), { childList: true })
})`

// inView is how long each card has been visible, in seconds. It counts only cards that came
// into view more than 9 s ago, because later ones may not have had time to scroll out. For a card
// that is still visible, the time up to now counts.
const inView = `[...views.values()].filter(({ from }) => from < performance.now() - 9_000)
	.map(({ from, to }) => ((to ?? performance.now()) - from) / 1000)`

// accounted is the number of posts in cards, in folded rows and behind the pill.
const accounted = `[...document.querySelectorAll("#feed > article")].reduce((sum, row) =>
	sum + (row.matches(".tweet") ? 1 : Number(/\d+/.exec(row.innerText))), Number(document.getElementById("pill").dataset.count))`

func TestPage_ACardStaysVisibleLongEnoughToBeRead(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0.5, 2, 20} {
		t.Run(fmt.Sprintf("%v posts a second", rate), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			s.publish(30)
			b := openLive(t, s, "/", preload(watchView), func(b *tab) { b.do(chromedp.EmulateViewport(1440, 900)) })
			b.run(`void (seen.shift = 0)`)
			tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
			defer tick.Stop()
			for range int(30 * rate) {
				<-tick.C
				s.publish(1)
			}
			last := int(s.posts.Load())
			b.waitPosition(last)
			b.wait(accounted + fmt.Sprintf(` === %d`, last))
			times := eval[[]float64](b, inView)
			slices.Sort(times)
			if len(times) == 0 {
				t.Fatal("no card came in")
			}
			if median := times[len(times)/2]; median < 8 {
				t.Errorf("a card is in view for a median %.1f s, want 8 at least: %.1f", median, times)
			}
			if shift := eval[float64](b, `seen.shift`); shift > 0.01 {
				t.Errorf("layout shifts add up to %.3f, want 0.01 at most", shift)
			}
			t.Logf("%d cards, in view for %.1f s at least, a median %.1f s", len(times), times[0], times[len(times)/2])
		})
	}
}

// If only one or two posts exceed the reading pace, they wait for a moment instead of being
// folded.
func TestPage_AFoldedRowHasAtLeastThreePosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/", preload(`addEventListener("DOMContentLoaded", () => {
		globalThis.folded = []
		new MutationObserver(changes => { for (const { addedNodes } of changes) for (const row of addedNodes)
			if (row.matches?.(".run")) folded.push(row.innerText) }).observe(document.getElementById("feed"), { childList: true })
	})`))
	b.forget()
	for range 12 {
		s.publish(2)
		b.waitPosition(int(s.posts.Load()))
		b.wait(`performance.now() - (globalThis.at ?? 0) > 900 && (globalThis.at = performance.now())`)
	}
	last := int(s.posts.Load())
	b.wait(accounted + fmt.Sprintf(` === %d`, last))
	b.wantRows(30, last)
	for _, words := range eval[[]string](b, `folded`) {
		var n int
		if _, err := fmt.Sscanf(words, "%d more posts", &n); err != nil || n < 3 {
			t.Errorf("a folded row says %q", words)
		}
	}
}

func TestPage_APostAfterAQuietPeriodIsShownAtOnce(t *testing.T) {
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/", preload(timedSocket))
	for i := range 4 {
		s.publish(1)
		b.waitShown(31 + i)
		rows := b.rows()
		if after := rows[len(rows)-1].At - eval[int64](b, `receivedAt`); after > 500 {
			t.Errorf("post %d was shown %d ms after it was received, want 500 at most", 31+i, after)
		}
		b.wait(fmt.Sprintf(`Date.now() - receivedAt > %d`, 2000)) // longer than the interval between posts of a quiet stream
	}
}

// timedSocket is a WebSocket that records the time at which it received the newest post.
const timedSocket = `globalThis.WebSocket = class extends WebSocket {
	set onmessage(handler) { super.onmessage = handler && (event => {
		if (event.data.includes('"create"')) globalThis.receivedAt = Date.now()
		handler(event)
	}) }
}`

// Posts that arrive faster than they can be read wait behind the pill until the reader clicks it.
func TestPage_AFastStreamWaitsBehindThePill(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	enough := make(chan struct{})
	var publishing sync.WaitGroup
	publishing.Go(func() {
		for {
			select {
			case <-enough:
				return
			case <-time.After(time.Second / 20):
				s.publish(1)
			}
		}
	})
	b.wait(`/^Live, \d+ posts\/s, showing a part$/.test(document.getElementById("status").innerText)`)
	b.wait(`Number(document.getElementById("pill").dataset.count) > 20`)
	b.forget()
	b.wait(`Number(document.getElementById("pill").dataset.count) > 60`)
	if rows := b.rows(); len(rows) > 0 {
		t.Errorf("%d rows came in while posts came too fast to be read", len(rows))
	}
	close(enough)
	publishing.Wait()
	last := int(s.posts.Load())
	b.wait(`document.getElementById("pill").hidden`) // new posts appear in the list again
	b.waitShown(last)
	if got := eval[int](b, accounted); got != last {
		t.Errorf("%d posts are accounted for, want %d", got, last)
	}
}
