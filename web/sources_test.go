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

// status returns a status notice of a source. The reason in it contains details that no page may
// show.
func status(source string, state stream.State, fault stream.Fault) stream.Op {
	n := &stream.Notice{Source: source, Network: source, State: state, Fault: fault}
	if fault != "" {
		n.Reason = "lookup secret.internal on 10.0.0.1:53: 502 <!DOCTYPE html>"
	}
	return stream.Op{Kind: stream.Status, At: time.Now(), Notice: n}
}

// sourceEvents returns the data of all source events in the channel's log.
func (f *fixture) sourceEvents() (lines []string) {
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

func TestSources_PublishAStateOnlyIfItChanges(t *testing.T) {
	f := newFixture(t)
	f.emit(
		status("bluesky", stream.Connecting, ""), status("bluesky", stream.Live, ""),
		status("bluesky", stream.Waiting, stream.FaultUnreachable), status("bluesky", stream.Connecting, ""),
		status("bluesky", stream.Waiting, stream.FaultUnreachable), status("bluesky", stream.Waiting, stream.FaultLimited),
		status("x", stream.Stopped, stream.FaultSpent), status("bluesky", stream.Live, ""),
		stream.Op{Kind: stream.Lost, Notice: &stream.Notice{Source: "bluesky", Count: 3}},
		stream.Op{Kind: stream.Lost, Notice: &stream.Notice{Source: "bluesky", Count: 4}},
		stream.Op{Kind: stream.Status, Notice: &stream.Notice{Source: "replay demo", Network: "replay", State: stream.Live}},
	)
	want := []string{"bluesky live 0", "bluesky waiting 0 unreachable", "bluesky waiting 0 limited", "x stopped 0 budget", "bluesky live 0"}
	if diff := cmp.Diff(want, f.sourceEvents()); diff != "" {
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

// The number is limited because each source event takes the room of a post in the log.
func TestSources_PublishNewCountsAtMostOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.emit(status("bluesky", stream.Live, ""))
		for range 121 {
			time.Sleep(time.Second)
			f.emit(stream.Op{Kind: stream.Lost, Notice: &stream.Notice{Source: "bluesky", Count: 1}})
		}
		if diff := cmp.Diff([]string{"bluesky live 0", "bluesky live 60", "bluesky live 120"}, f.sourceEvents()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTimeline_LeavesOutAPostWithoutAnID(t *testing.T) {
	f := newFixture(t)
	f.emit(create(&stream.Post{}))
	if _, tip := f.timeline.channel.Recent(1); tip.Offset != 0 {
		t.Errorf("the log has the event %v", tip)
	}
}

func TestSources_ThePageAndTheEventHaveTheSameLine(t *testing.T) {
	f := newFixture(t)
	f.emit(status("<b>bluesky", stream.Waiting, stream.FaultUnreachable))
	events, _ := f.timeline.channel.Recent(1)
	var data struct{ HTML string }
	if err := json.Unmarshal(events[0].Data, &data); err != nil {
		t.Fatal(err)
	}
	page := f.get("/").Body.String()
	if !strings.Contains(page, data.HTML) || strings.Contains(page, "<b>") {
		t.Errorf("want %s in the page, and no foreign tag", data.HTML)
	}
	if !strings.Contains(f.get("/", "Accept-Language", "ja").Body.String(), ">に接続できません<") {
		t.Error("the Japanese page says it otherwise")
	}
}

// The text of an error can contain host names, addresses and responses of servers, which are for
// the operator only.
func TestSources_ThePageAndTheEventHideTheTextOfTheError(t *testing.T) {
	f := newFixture(t)
	f.emit(status("mastodon", stream.Waiting, stream.FaultUnreachable))
	events, _ := f.timeline.channel.Recent(everything)
	for what, text := range map[string]string{"the page": f.get("/").Body.String(), "the event": string(events[0].Data)} {
		if strings.Contains(text, "secret") || strings.Contains(text, "10.0.0.1") || !strings.Contains(text, `can’t be reached\u003c`) && !strings.Contains(text, "can’t be reached<") {
			t.Errorf("%s says %s", what, text)
		}
	}
	if s := f.timeline.Sources()[0]; !strings.Contains(s.Reason, "secret.internal") {
		t.Errorf("the operator is told %q", s.Reason)
	}
}

func TestSources_ThePageDescribesEachFault(t *testing.T) {
	for fault, words := range map[stream.Fault]string{
		stream.FaultRefused: "refuses the site’s credentials", stream.FaultLimited: "asks us to wait", stream.FaultUnreachable: "can’t be reached",
		stream.FaultUnreadable: "sends something that can’t be read", stream.FaultGone: "is gone", stream.FaultQuiet: "is connected but sends nothing",
		stream.FaultClosed: "has switched this stream off",
		stream.FaultSpent:  "has used up today’s budget", stream.FaultBroken: "has a problem",
	} {
		f := newFixture(t)
		f.emit(status("x", stream.Stopped, fault))
		if page := f.get("/").Body.String(); !strings.Contains(page, ">"+words+"<") {
			t.Errorf("of %s the page doesn't say that it %s", fault, words)
		}
	}
}

// A connection that brings nothing is not as good as one that does.
func TestSources_ThePageTellsASilentSourceFromALiveOne(t *testing.T) {
	for _, test := range []struct {
		fault     stream.Fault
		en, ja    string
		connected bool
	}{
		{"", "is connected, nothing yet", "に接続しました。投稿はまだありません", true},
		{stream.FaultUnreadable, "sends something that can’t be read", "から読み取れないデータが届いています", false},
		{stream.FaultClosed, "has switched this stream off", "はこの配信を停止しています", false},
	} {
		f := newFixture(t)
		f.emit(status("x", stream.Silent, test.fault))
		if got := f.timeline.Sources()[0].Connected(); got != test.connected {
			t.Errorf("%q: connected %v", test.fault, got)
		}
		if got := f.sourceEvents(); len(got) != 1 || !strings.HasPrefix(got[0], "x silent 0") {
			t.Errorf("%q: the events are %q", test.fault, got)
		}
		for lang, words := range map[string]string{"en": test.en, "ja": test.ja} {
			if page := f.get("/", "Accept-Language", lang).Body.String(); !strings.Contains(page, ">"+words+"<") {
				t.Errorf("%q: the page in %s doesn't say %q", test.fault, lang, words)
			}
		}
	}
}

// The name of a server can begin like the name of a recording.
func TestSources_AServerNamedReplayIsNotListedAsARecording(t *testing.T) {
	f := newFixture(t)
	down := status("replay.example", stream.Waiting, stream.FaultUnreachable)
	down.Notice.Network = "mastodon"
	f.emit(down)
	if diff := cmp.Diff([]string{"replay.example waiting 0 unreachable"}, f.sourceEvents()); diff != "" {
		t.Error(diff)
	}
	if page := f.get("/").Body.String(); !strings.Contains(page, `data-source="replay.example"`) {
		t.Error("the page doesn't name it")
	}
}

func TestSources_ARecordingIsListedOnlyIfItFailsAndWithoutItsFileName(t *testing.T) {
	f := newFixture(t)
	for _, n := range []stream.Notice{
		{Source: "replay /home/ann/one.ndjson", State: stream.Live},
		{Source: "replay /home/ann/two.ndjson", State: stream.Waiting, Reason: "the next post is due", Retry: time.Now().Add(time.Hour)},
		{Source: "replay /home/ann/two.ndjson", State: stream.Stopped, Reason: "open /home/ann/two.ndjson: permission denied", Fault: stream.FaultUnreadable},
	} {
		n.Network = "replay"
		f.emit(stream.Op{Kind: stream.Status, At: time.Now(), Notice: &n})
	}
	if diff := cmp.Diff([]string{"replay 2 stopped 0 unreadable"}, f.sourceEvents()); diff != "" {
		t.Error(diff)
	}
	events, _ := f.timeline.channel.Recent(everything)
	for _, text := range []string{f.get("/").Body.String(), string(events[0].Data)} {
		if strings.Contains(text, "/home") || !strings.Contains(text, "Recording") || strings.Contains(text, "replay 1") {
			t.Errorf("got %s", text)
		}
	}
}
