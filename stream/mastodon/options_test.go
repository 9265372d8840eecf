package mastodon

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/internal/lines"
	"nagare/stream/streamtest"
)

func TestMastodon_OpensTheStreamAtTheAddressFromTheServer(t *testing.T) {
	streams := &fakeServer{play: func(_ int, s *wire) { s.update(postJSON(1)); s.stay() }}
	srv := httptest.NewServer(streams)
	defer srv.Close()
	f := &fakeServer{streaming: strings.Replace(srv.URL, "http", "ws", 1)}
	m := f.overTCP(t)
	m.Timeline = "#go"
	ops := run(t, m, until(1))
	if got := streams.requests("/api/v1/streaming/hashtag?tag=go"); len(got) != 1 {
		t.Errorf("requested %q there, and %q here", streams.requested, f.requested)
	}
	if got := ops[len(ops)-1].Post.Author.Handle; got != "mio@a.example" {
		t.Errorf("got %q, want the domain of the instance document", got)
	}
}

func TestMastodon_StopsAtOnceAndLeavesNoGoroutine(t *testing.T) {
	f := &fakeServer{play: func(_ int, s *wire) { s.freeze() }}
	ctx, cancel := context.WithCancel(t.Context())
	m := f.overTCP(t)
	var stopped time.Time
	err := m.Stream(ctx, func(op stream.Op) error {
		stopped = time.Now()
		cancel()
		return nil
	})
	if took := time.Since(stopped); took > time.Second || !errors.Is(err, context.Canceled) {
		t.Errorf("took %v and ended with %v", took, err)
	}
}

func TestMastodon_ReturnsTheErrorOfEmit(t *testing.T) {
	f := &fakeServer{play: func(_ int, s *wire) { s.update(postJSON(1)); s.stay() }}
	objection := errors.New("full")
	for _, kind := range []stream.Kind{stream.Status, stream.Create} {
		err := f.overTCP(t).Stream(t.Context(), func(op stream.Op) error {
			if op.Kind == kind {
				return objection
			}
			return nil
		})
		if err != objection {
			t.Errorf("%s: got %v", kind, err)
		}
	}
}

func TestMastodon_SkipsAnEventThatIsTooLong(t *testing.T) {
	f := &fakeServer{play: func(_ int, s *wire) {
		s.update(postJSON(1, map[string]any{"content": strings.Repeat("x", lines.MaxLine)}))
		s.update(postJSON(2))
		s.stay()
	}}
	lost := 0
	ops := run(t, f.overTCP(t), until(2))
	for _, op := range ops {
		if op.Kind == stream.Lost {
			lost += int(op.Notice.Count)
		}
	}
	if d := cmp.Diff([]string{"create 2"}, summary(ops)); d != "" || lost != 1 {
		t.Errorf("%d lost, %s", lost, d)
	}
}

func TestMastodon_ReportsAWebPageInsteadOfAStream(t *testing.T) {
	f := &fakeServer{refuse: func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<html>:)\n\n"))
		return true
	}}
	err := f.overTCP(t).Check(t.Context())
	if err == nil || stream.IsPermanent(err) || !strings.Contains(err.Error(), "is there a Mastodon server at this address?") {
		t.Errorf("got %v", err)
	}
}

func TestMastodon_ReportsInvalidSettings(t *testing.T) {
	for _, m := range []*Source{
		{}, {Server: "ftp://a.example"}, {Server: "https://a.example/@mio"}, {Server: "https://mio:secret@a.example"}, {Server: "a.example?x"},
		{Server: "a.example", Timeline: "home"}, {Server: "a.example", Timeline: "#"}, {Server: "a.example", Timeline: "#a/b"},
		{Server: "a.example", Timeline: "list:"}, {Server: "a.example", Timeline: "list:.."},
	} {
		err := m.Stream(t.Context(), streamtest.Ignore)
		if !stream.IsPermanent(err) || !strings.HasPrefix(err.Error(), "mastodon: ") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q %q: got %v", m.Server, m.Timeline, err)
		}
		if check := m.Check(t.Context()); check == nil || check.Error() != err.Error() {
			t.Errorf("%q %q: Check says %v", m.Server, m.Timeline, check)
		}
	}
}

func TestMastodon_CheckAcceptsAServerThatAnswers(t *testing.T) {
	f := &fakeServer{play: func(_ int, s *wire) { s.freeze() }}
	if err := f.overTCP(t).Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestMastodon_IsNamedAfterItsServerAndTimeline(t *testing.T) {
	for want, m := range map[string]*Source{
		"a.example":              {Server: "https://a.example/", Timeline: "public"},
		"a.example #go":          {Server: "a.example", Timeline: "#go"},
		"a.example public:local": {Server: "a.example", Timeline: "public:local"},
		"mastodon":               {},
	} {
		if got := m.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
