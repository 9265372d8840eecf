package main

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/web"
)

func TestScreen_KeepsTheStatusBelowTheLog(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, live: true, wide: func() int { return 12 }}
	io.WriteString(s, "before\n")
	s.draw("● live")
	io.WriteString(s, "a log line\n")
	s.draw("● live · far too long")
	s.draw("")
	const erase = "\r\x1b[K"
	want := "before\n" + erase + "● live" + erase + "a log line\n● live" + erase + "● live · fa" + erase
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestScreen_WritesNoControlCodesOutsideATerminal(t *testing.T) {
	p := start(t, "SOURCE=none")
	p.end()
	if text := p.console.String(); strings.ContainsAny(text, "\x1b\r") {
		t.Errorf("got %q", text)
	}
}

func TestStatusLine_ShowsStateSourcesAndNumbers(t *testing.T) {
	h := hub.New(hub.Options{Log: slog.New(slog.DiscardHandler)})
	g := statusSources{"demo", web.NewTimeline(h, channel, new(store.Memory), nil, slog.New(slog.DiscardHandler)), h, "http://127.0.0.1:8080"}
	want := "● live · demo · 2.1 posts/s · 0 viewers · 0 kept · http://127.0.0.1:8080"
	if got := g.line(2.11); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, step := range []struct {
		source      string
		state, want stream.State
	}{
		{"demo", stream.Finished, "finished"}, {"bluesky", stream.Live, "finished"}, {"x", stream.Waiting, "waiting"},
		{"bluesky", stream.Stopped, "stopped"}, {"x", stream.Live, "stopped"}, {"bluesky", stream.Live, "finished"},
	} {
		notice := &stream.Notice{Source: step.source, State: step.state}
		if err := g.timeline.Emit(t.Context(), stream.Op{Kind: stream.Status, Notice: notice}); err != nil {
			t.Fatal(err)
		}
		if got := g.line(0); !strings.HasPrefix(got, "● "+string(step.want)+" · ") {
			t.Errorf("with %s %s: %q, want %s", step.source, step.state, got, step.want)
		}
	}
	for _, step := range []struct {
		fault stream.Fault
		want  string
	}{{"", "● live · "}, {stream.FaultClosed, "● silent · "}} {
		one := statusSources{"demo", web.NewTimeline(h, channel+string(step.fault), new(store.Memory), nil, slog.New(slog.DiscardHandler)), h, ""}
		notice := &stream.Notice{Source: "m", State: stream.Silent, Fault: step.fault, Reason: string(step.fault)}
		if err := one.timeline.Emit(t.Context(), stream.Op{Kind: stream.Status, Notice: notice}); err != nil {
			t.Fatal(err)
		}
		if got := one.line(0); !strings.HasPrefix(got, step.want) || !strings.HasSuffix(got, map[bool]string{true: " · m: closed", false: " · "}[step.fault != ""]) {
			t.Errorf("with a silent source and the fault %q: %q", step.fault, got)
		}
	}
	notice := &stream.Notice{Source: "x", State: stream.Stopped, Reason: "the day's budget is spent"}
	if err := g.timeline.Emit(t.Context(), stream.Op{Kind: stream.Status, Notice: notice}); err != nil {
		t.Fatal(err)
	}
	if got, want := g.line(0), "http://127.0.0.1:8080 · x: the day's budget is spent"; !strings.HasSuffix(got, want) {
		t.Errorf("with x stopped: %q, want it to end with %q", got, want)
	}
}

func TestThousands_SeparatesGroupsOfThreeDigitsWithCommas(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1204: "1,204", 1_002_003: "1,002,003"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestMeter_AveragesTheLastTenReadings(t *testing.T) {
	m := meter{every: time.Second}
	if got := m.feed(100); got != 0 {
		t.Errorf("first reading: %v a second, want 0", got)
	}
	if got := m.feed(130); got != 30 {
		t.Errorf("second reading: %v a second, want 30", got)
	}
	for range 10 {
		m.feed(130)
	}
	if got := m.feed(130); got != 0 {
		t.Errorf("ten readings later: %v a second, want 0", got)
	}
}

func TestLog_IsTextForAPersonAndJSONForAMachine(t *testing.T) {
	for _, c := range []struct {
		config config
		text   bool
		want   string
	}{
		{config{logFormat: "auto"}, true, "ts="},
		{config{logFormat: "auto"}, false, `{"ts":"`},
		{config{logFormat: "text"}, false, "ts="},
		{config{logFormat: "json"}, true, `{"ts":"`},
		{config{logFormat: "auto", dyno: true}, false, `{"level":"INFO","msg":"hello"}`},
	} {
		var out bytes.Buffer
		newLog(&screen{out: &out, text: c.text}, c.config).Info("hello")
		if !strings.HasPrefix(out.String(), c.want) {
			t.Errorf("%+v on a terminal %v: got %s", c.config, c.text, out.String())
		}
	}
}

// Without a conversion, slog's JSON shows a duration in nanoseconds.
func TestLog_WritesDurationsAsTextNotAsNanoseconds(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := newLog(&screen{out: &out}, config{logFormat: format}).WithGroup("g")
		log.Info("waiting", "in", 12*time.Second, "took", 1234567*time.Nanosecond)
		if got := strings.NewReplacer(`"`, "", ":", "=").Replace(out.String()); !strings.Contains(got, "in=12s") || !strings.Contains(got, "took=1ms") {
			t.Errorf("%s: got %s", format, out.String())
		}
	}
}
