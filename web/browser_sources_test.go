package web_test

import (
	"testing"
	"time"

	"nagare/stream"
)

func statusOf(state stream.State, reason string) stream.Op {
	return stream.Op{Kind: stream.Status, Notice: &stream.Notice{
		Source: "mastodon.example #river", State: state, Reason: reason, Retry: time.Now().Add(time.Minute),
	}}
}

func TestPage_SaysWhichSourceFailsAndWhy(t *testing.T) {
	s := newSite(t, 30)
	s.emit(statusOf(stream.Live, ""))
	for _, lang := range []string{"en", "ja"} {
		t.Run(lang, func(t *testing.T) {
			live := openLive(t, s, "/?lang="+lang)
			s.emit(statusOf(stream.Waiting, `503 <img src=x onerror="alert(1)">`))
			live.wait(`document.querySelector("#sources > [data-source-state=waiting]")`)
			fresh := openLive(t, s, "/?lang="+lang)
			const words = `document.getElementById("sources").outerHTML`
			if got, want := eval[string](live, words), eval[string](fresh, words); got != want {
				t.Errorf("live   %s\nserved %s", got, want)
			}
			s.emit(statusOf(stream.Live, ""))
			live.wait(`document.querySelector("#sources > [data-source-state=live]")`)
			if n := eval[int](live, `document.querySelectorAll("#sources > li").length`); n != 1 {
				t.Errorf("%d lines for one source", n)
			}
		})
	}
}
