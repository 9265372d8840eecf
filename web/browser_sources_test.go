package web_test

import (
	"strings"
	"testing"
	"time"

	"nagare/stream"
)

// statusOf returns the status notice of a source that connects again after wait.
func statusOf(state stream.State, fault stream.Fault, wait time.Duration) stream.Op {
	n := &stream.Notice{Source: "mastodon.example #river", Network: "mastodon", State: state, Fault: fault}
	if fault != "" {
		n.Reason, n.Retry = `503 <img src=x onerror="alert(1)">`, time.Now().Add(wait)
	}
	return stream.Op{Kind: stream.Status, Notice: n}
}

func TestPage_SaysWhichSourceFailsAndWhy(t *testing.T) {
	t.Parallel()
	s := newSite(t, 30)
	s.emit(statusOf(stream.Live, "", 0))
	for _, lang := range []string{"en", "ja"} {
		t.Run(lang, func(t *testing.T) {
			live := openLive(t, s, "/?lang="+lang)
			s.emit(statusOf(stream.Waiting, stream.FaultUnreachable, time.Hour))
			live.wait(`document.querySelector("#sources > [data-source-state=waiting]")`)
			fresh := open(t, s, "/?lang="+lang)
			fresh.waitState("none-coming")
			const words = `document.getElementById("sources").outerHTML`
			if got, want := eval[string](live, words), eval[string](fresh, words); got != want {
				t.Errorf("live   %s\nserved %s", got, want)
			}
			s.emit(statusOf(stream.Live, "", 0))
			live.wait(`document.querySelector("#sources > [data-source-state=live]")`)
			if n := eval[int](live, `document.querySelectorAll("#sources > li").length`); n != 1 {
				t.Errorf("%d lines for one source", n)
			}
		})
	}
}

// The test waits for real seconds, because the page counts them.
func TestPage_CountsDownToTheNextAttemptOfASource(t *testing.T) {
	t.Parallel()
	s := newSite(t, 30)
	live := openLive(t, s, "/")
	s.emit(statusOf(stream.Waiting, stream.FaultUnreachable, 4*time.Second))
	const retry = `document.querySelector("#sources .source__retry")`
	live.wait(`/^in [345] s$/.test(` + retry + `?.textContent)`)
	live.wait(`/^in [12] s$/.test(` + retry + `.textContent)`)
	live.wait(retry + `.parentElement.hidden`)
	if got := eval[string](live, `document.getElementById("sources").innerText.trim()`); got != "mastodon.example #river can’t be reached" {
		t.Errorf("when the time is over, the page says %q", got)
	}
}

// A countdown takes more room than a time of day. A page at the top must stay there nevertheless.
func TestPage_StaysAtTheTopWhenTheSourcesTakeMoreRoom(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	s.emit(statusOf(stream.Live, "", 0))
	b := openLive(t, s, "/", width(390), preload(shapes))
	b.run(`globalThis.height = box(document.getElementById("sources")).height`)
	s.emit(statusOf(stream.Waiting, stream.FaultUnreachable, time.Minute))
	b.wait(`box(document.getElementById("sources")).height > height`)
	b.wait(glideIsOver)
	b.settle()
	if y, shift := eval[float64](b, `scrollY`), eval[float64](b, `seen.shift`); y != 0 || shift > .01 {
		t.Errorf("the page is at %.0f px, shifted by %f", y, shift)
	}
}

// A source that brings nothing because of a fault is no reason to say "Live"; one that has brought
// nothing yet is.
func TestPage_TellsASourceThatBringsNothingFromAQuietOne(t *testing.T) {
	t.Parallel()
	s := newSite(t, 30)
	s.emit(statusOf(stream.Silent, "", 0))
	live := openLive(t, s, "/")
	s.emit(statusOf(stream.Silent, stream.FaultClosed, 0))
	live.waitState("none-coming")
	fresh := open(t, s, "/")
	fresh.waitState("none-coming")
	const line = `document.getElementById("sources").innerText.trim()`
	if got := eval[string](live, line); !strings.HasPrefix(got, "mastodon.example #river has switched this stream off") {
		t.Errorf("the page says %q", got)
	}
	s.emit(statusOf(stream.Silent, "", 0))
	live.waitState("live")
	if got := eval[string](live, line); got != "mastodon.example #river is connected, nothing yet" {
		t.Errorf("the page says %q", got)
	}
}
