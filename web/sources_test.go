package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

func status(source string, state stream.State, reason string) stream.Op {
	return stream.Op{Kind: stream.Status, At: time.Now(), Notice: &stream.Notice{Source: source, State: state, Reason: reason}}
}

// told is what the channel says of sources.
func (f *fixture) told() (lines []string) {
	f.t.Helper()
	events, _ := f.timeline.channel.Recent(everything)
	for _, ev := range events {
		var data struct {
			Source, State, Reason, HTML string
			Lost                        int
		}
		if err := json.Unmarshal(ev.Data, &data); err != nil || ev.Name != "source" || !strings.HasPrefix(data.HTML, "<li") {
			f.t.Fatalf("got %s %s, %v", ev.Name, ev.Data, err)
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprint(data.Source, " ", data.State, " ", data.Lost, " ", data.Reason)))
	}
	return lines
}

func TestSources_TellWhatIsNewAndNothingElse(t *testing.T) {
	f := newFixture(t)
	f.emit(
		status("bluesky", stream.Connecting, ""), status("bluesky", stream.Live, ""),
		status("bluesky", stream.Waiting, "reset"), status("bluesky", stream.Connecting, ""), status("bluesky", stream.Waiting, "reset"),
		status("x", stream.Stopped, "no credits"), status("bluesky", stream.Live, ""),
		stream.Op{Kind: stream.Lost, Notice: &stream.Notice{Source: "bluesky", Count: 3}},
		stream.Op{Kind: stream.Lost, Notice: &stream.Notice{Source: "bluesky", Count: 4}},
		status("replay demo", stream.Live, ""),
	)
	want := []string{"bluesky live 0", "bluesky waiting 0 reset", "x stopped 0 no credits", "bluesky live 0"}
	if diff := cmp.Diff(want, f.told()); diff != "" {
		t.Error(diff)
	}
	var states []string
	for _, s := range f.timeline.Sources() {
		states = append(states, fmt.Sprint(s.Name, " ", s.State, " ", s.Lost))
	}
	if diff := cmp.Diff([]string{"bluesky live 7", "x stopped 0", "replay demo live 0"}, states); diff != "" {
		t.Error(diff)
	}
}

// Each telling takes the place of a post in the log.
func TestSources_TellAMinutesLossesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.emit(status("bluesky", stream.Live, ""))
		for range 121 {
			time.Sleep(time.Second)
			f.emit(stream.Op{Kind: stream.Lost, Notice: &stream.Notice{Source: "bluesky", Count: 1}})
		}
		if diff := cmp.Diff([]string{"bluesky live 0", "bluesky live 60", "bluesky live 120"}, f.told()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTimeline_LeavesOutAPostWithoutAnID(t *testing.T) {
	f := newFixture(t)
	f.emit(create(&stream.Post{}))
	if _, tip := f.timeline.channel.Recent(1); tip.Offset != 0 {
		t.Errorf("it has the place %v", tip)
	}
}

func TestSources_ThePageSaysWhatTheChannelSays(t *testing.T) {
	f := newFixture(t)
	f.emit(status("<b>bluesky", stream.Waiting, "<script>alert(1)</script>"))
	events, _ := f.timeline.channel.Recent(1)
	var data struct{ HTML string }
	if err := json.Unmarshal(events[0].Data, &data); err != nil {
		t.Fatal(err)
	}
	page := f.get("/").Body.String()
	if !strings.Contains(page, data.HTML) || strings.Contains(page, "<b>") || strings.Contains(page, "<script>a") {
		t.Errorf("want %s in the page, and no foreign tag", data.HTML)
	}
	if !strings.Contains(f.get("/", "Accept-Language", "ja").Body.String(), "次の試行") {
		t.Error("the Japanese page says it otherwise")
	}
}
