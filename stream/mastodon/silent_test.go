package mastodon

import (
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// switchedOff is a part of an instance document, in the form of Mastodon 4.5.
func switchedOff(liveLocal, liveRemote, tags string) string {
	return fmt.Sprintf(`"api_versions":{"mastodon":7},"configuration":{"timelines_access":{"live_feeds":{"local":%q,"remote":%q},"hashtag_feeds":{"local":%q,"remote":%q}}},`,
		liveLocal, liveRemote, tags, tags)
}

func TestMastodon_SaysThatTheServerHasSwitchedATimelineOff(t *testing.T) {
	const off, members = "disabled", "authenticated"
	for _, test := range []struct {
		timeline, about string
		hasPosts        bool // the pages of the timeline have posts, because the user may see them
		closed          bool
	}{
		{timeline: "public", about: switchedOff(off, off, members), closed: true},
		{timeline: "public", about: switchedOff(off, off, members), hasPosts: true},
		{timeline: "public", about: switchedOff(off, members, members)},
		{timeline: "public", about: switchedOff(members, "public", off)},
		{timeline: "public:local", about: switchedOff(off, members, members), closed: true},
		{timeline: "public:remote", about: switchedOff(off, members, members)},
		{timeline: "public:remote", about: switchedOff(members, off, members), closed: true},
		{timeline: "#go", about: switchedOff(off, off, members)},
		{timeline: "#go", about: switchedOff(off, off, off), closed: true},
		{timeline: "list:7", about: switchedOff(off, off, off)},
		{timeline: "user", about: switchedOff(off, off, off)},
		{timeline: "public"},
		{timeline: "public", about: `"configuration":{"timelines_access":5},`},
	} {
		t.Run(fmt.Sprintf("%s %s %v", test.timeline, test.about, test.hasPosts), func(t *testing.T) {
			f := &fakeServer{play: func(_ int, s *wire) { s.stay() }}
			f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/api/v2/instance" {
					fmt.Fprintf(w, `{%s"domain":"a.example"}`, test.about)
				}
				return r.URL.Path == "/api/v2/instance"
			}
			if test.hasPosts {
				f.publishMany(1, 1)
			}
			m := f.overTCP(t)
			m.Timeline = test.timeline
			var first *stream.Notice
			m.Stream(t.Context(), func(op stream.Op) error { first = op.Notice; return streamtest.ErrEnough })
			err := m.Check(t.Context())
			if !test.closed {
				if err != nil || first.State != stream.Live {
					t.Errorf("got %v, and the status %+v", err, first)
				}
				return
			}
			if err == nil || stream.FaultOf(err) != stream.FaultClosed || !strings.Contains(err.Error(), "has switched the timeline") || !strings.Contains(err.Error(), "choose ") {
				t.Errorf("Check: got %v", err)
			}
			if first.State != stream.Silent || first.Fault != stream.FaultClosed || first.Reason != err.Error() {
				t.Errorf("the status is %+v", first)
			}
		})
	}
}

func TestMastodon_ATimelineThatIsSwitchedOnAgainIsLive(t *testing.T) {
	f := &fakeServer{about: switchedOff("disabled", "disabled", "public"), play: func(_ int, s *wire) { s.update(postJSON(1)); s.stay() }}
	f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v2/instance" {
			fmt.Fprintf(w, `{%s"domain":"a.example"}`, f.about)
		}
		return r.URL.Path == "/api/v2/instance"
	}
	ops := run(t, f.overTCP(t), until(1))
	var states []string
	for _, op := range streamtest.OpsOf(stream.Status, ops) {
		states = append(states, strings.TrimSpace(fmt.Sprint(op.Notice.State, " ", op.Notice.Fault)))
	}
	if d := cmp.Diff([]string{"connecting", "silent closed", "live"}, states); d != "" {
		t.Error(d)
	}
}

func TestMastodon_SaysThatNothingCanBeRead(t *testing.T) {
	const zstd = "\x28\xb5\x2f\xfd compressed"
	again := document(postJSON(1))
	t.Run("in an event stream", func(t *testing.T) {
		f := &fakeServer{play: func(_ int, s *wire) {
			for range 12 {
				s.event("update", zstd)
			}
			s.event("update", again)
			s.stay()
		}}
		streamtest.WantUnreadable(t, run(t, f.overTCP(t), until(1)))
	})
	t.Run("over a WebSocket", func(t *testing.T) {
		f := &fakeServer{socket: func(_ int, c *fakeSocket) {
			for range 12 {
				c.WriteMessage(2, []byte(zstd))
			}
			c.event("update", again)
			c.stay()
		}}
		streamtest.WantUnreadable(t, run(t, f.overTCP(t), until(1)))
	})
}

// compressed serves a stream with a body that is compressed, and labelled as encoding.
func compressed(encoding string) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/v1/streaming/") {
			return false
		}
		w.Header().Set("Content-Type", "text/event-stream")
		if encoding != "" {
			w.Header().Set("Content-Encoding", encoding)
		}
		z := gzip.NewWriter(w)
		fmt.Fprintf(z, ":)\nevent: update\ndata: %s\n\n", document(postJSON(1)))
		for r.Context().Err() == nil {
			fmt.Fprint(z, ":thump\n")
			z.Flush()
			w.(http.Flusher).Flush()
			stream.Sleep(r.Context(), 15*time.Second)
		}
		return true
	}
}

func TestMastodon_InflatesAnEventStreamThatAProxyHasCompressed(t *testing.T) {
	f := &fakeServer{refuse: compressed("gzip")}
	run(t, f.overTCP(t), until(1))
}

func TestMastodon_SaysThatAnEventStreamIsCompressed(t *testing.T) {
	for encoding, words := range map[string]string{"br": `compressed as "br"`, "zstd": `compressed as "zstd"`, "": "is not an event stream"} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeServer{refuse: compressed(encoding)}
			ops := run(t, f.overPipes(t), func(ops []stream.Op) bool { return ops[len(ops)-1].Notice.State == stream.Waiting })
			if s := streamtest.LastStatus(ops); s.Fault != stream.FaultUnreadable || !strings.Contains(s.Reason, words) {
				t.Errorf("%q: the status is %+v", encoding, s)
			}
		})
	}
}
