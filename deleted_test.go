package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
	"nagare/web"
)

// pipeline is the whole program except its sources.
type pipeline struct {
	hub      *hub.Hub
	kept     store.Memory
	timeline *web.Timeline
	site     http.Handler
	emit     func(stream.Op) error
	recorder *recording.Recorder
	file     string // path of the recording
	log      *streamtest.Logged
	logger   *slog.Logger // writes to log
	end      func()       // stops the hub and waits until it has ended
}

// newPipeline makes a pipeline. The test must end it.
func newPipeline(t *testing.T) *pipeline {
	t.Helper()
	p := &pipeline{log: new(streamtest.Logged)}
	log := streamtest.DebugLog(p.log)
	p.logger = log
	p.hub = hub.New(hub.Options{Log: log, Store: &p.kept, Limits: hub.Limits{PerClient: 1 << 20, HandshakesPerClient: 1 << 20}})
	p.timeline = web.NewTimeline(p.hub, channel, &p.kept, networks.All, log)
	p.file = recordingFile(t)
	var err error
	if p.recorder, err = recording.Open(p.file, log); err != nil {
		t.Fatal(err)
	}
	emit := reconciled(p.timeline, false, p.recorder).pass
	p.emit = func(op stream.Op) error { return emit(context.Background(), op) }
	p.site = web.New(web.Config{Hub: p.hub, Timeline: p.timeline, Emit: p.emit, Log: log, Requests: web.NewRequestLog(log), Site: "Nagare"})
	p.run(t)
	return p
}

// recordingFile returns the path of a new recording.
func recordingFile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "posts.ndjson")
}

// run runs the hub, and waits until it follows the store.
func (p *pipeline) run(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.hub.Run(ctx) })
	p.end = func() { stop(); running.Wait() }
	if err := p.hub.Channel(channel).Loaded(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// held returns the text of all events in the log. Readers are sent nothing but these events.
func (p *pipeline) held() string {
	if err := p.hub.Channel(channel).Flush(context.Background()); err != nil {
		return err.Error()
	}
	events, _ := p.hub.Channel(channel).Recent(math.MaxInt)
	var all strings.Builder
	for _, ev := range events {
		all.WriteString(ev.Name)
		all.Write(ev.Data)
		all.Write(jsonOf(ev.Index))
	}
	return all.String()
}

// stored returns the text of all posts in the store.
func (p *pipeline) stored() string {
	records, _, err := p.kept.Records(context.Background(), channel, store.Query{Limit: math.MaxInt})
	return fmt.Sprintf("%s %v", jsonOf(records), err)
}

func jsonOf(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func (p *pipeline) page(path string) string {
	w := httptest.NewRecorder()
	p.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return fmt.Sprint(w.Header(), w.Body)
}

// postPages returns the pages of all posts that the log has events of, also of the deleted ones.
func (p *pipeline) postPages() string {
	events, _ := p.hub.Channel(channel).Recent(math.MaxInt)
	var all strings.Builder
	seen := map[string]bool{}
	for _, ev := range events {
		if ev.Key != "" && !seen[ev.Key] {
			seen[ev.Key] = true
			all.WriteString(p.page("/post/" + url.PathEscape(ev.Key)))
		}
	}
	return all.String()
}

func (p *pipeline) metrics() string {
	w := httptest.NewRecorder()
	web.Metrics(p.hub, p.timeline, new(stream.Lookups)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// everywhere closes the recording. It returns all text that the program has kept, by the name of
// the place: a page, the log of events, the store, the recording, or the log for the operator.
func (p *pipeline) everywhere(t *rapid.T) map[string]string {
	if err := p.recorder.Close(); err != nil {
		t.Fatalf("recorder: %v", err)
	}
	recorded, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatalf("recording: %v", err)
	}
	held := p.held()
	tip := p.hub.Channel(channel).Tip()
	older := hub.Position{Epoch: tip.Epoch, Offset: rapid.Uint64Range(1, tip.Offset+1).Draw(t, "older page")}
	return map[string]string{
		"page": p.page("/"), "filtered page": p.page("/?q=-zebra"), "pages of posts": p.postPages(), "metrics": p.metrics(), "older page": p.page("/?before=" + older.String()), "hub": held, "store": p.stored(), "recording": string(recorded), "log": p.log.String(),
	}
}

// The test runs random histories of each network, as messages that the network's decoder reads.
// Afterwards, words of deleted posts, of replaced versions, of former names and of undone reposts
// must be in no log, no page and no recording, and be sent to no reader.
func TestDeletedWords_AreInNoLogPageOrRecording(t *testing.T) {
	for name, newDialect := range map[string]func() dialect{
		"mastodon":  func() dialect { return mastodonDialect{ids{}, map[string]*stream.Post{}} },
		"x":         func() dialect { return xDialect{ids{}, map[string][]time.Time{}} },
		"twitter":   func() dialect { return twitterDialect{ids{}} },
		"bluesky":   func() dialect { return blueskyDialect{} },
		"recording": func() dialect { return recordingDialect{} },
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				p, d := newPipeline(t), newDialect()
				defer p.end()
				in := p.playing()
				defer in.end(t)
				h := newHistory(r, d.can(), func(op stream.Op) error {
					for _, message := range d.messages(op) {
						in.send(r, message)
					}
					return nil
				})
				h.play(p)
				in.end(t)
				h.verify(t, p, true)
			})
		})
	}
}

// play runs a random history, and repeat runs random events. After each event, the hub must not hold a deleted word.
func (h *history) play(p *pipeline) { h.repeat(p, h.actions()) }

func (h *history) repeat(p *pipeline, happens map[string]func(*rapid.T)) {
	happens[""] = func(*rapid.T) {
		if word := h.sealed(p.held()); word != "" {
			h.t.Fatalf("the log of the hub has %s", word)
		}
	}
	h.t.Repeat(happens)
}

// verify searches for deleted words wherever the program has kept something and, if sockets is true,
// in what it sends to readers of each kind.
func (h *history) verify(t *testing.T, p *pipeline, sockets bool) {
	h.seal(h.absent())
	all := p.everywhere(h.t)
	if sockets && rapid.IntRange(0, 9).Draw(h.t, "over sockets") == 0 {
		maps.Copy(all, p.readers(t, h.t))
	}
	for place, text := range all {
		if word := h.sealed(text); word != "" {
			h.t.Fatalf("the %s has %s:\n%s", place, word, text)
		}
	}
	for _, post := range h.posts { // posts that weren't deleted must still be there
		text := strings.TrimSpace(post.Text[0].Text)
		if post.own && !post.isGone() && !post.hidden && (!strings.Contains(all["hub"], text) || !strings.Contains(all["recording"], text)) {
			h.t.Fatalf("%s is lost: %s", post.ID, text)
		}
	}
}

// readers returns what each kind of connection sends to a reader who continues from a random
// position.
func (p *pipeline) readers(t *testing.T, r *rapid.T) map[string]string {
	server := httptest.NewServer(p.site)
	defer server.Close()
	defer p.end()
	tip := p.hub.Channel(channel).Tip()
	if tip.Offset == 0 {
		return nil
	}
	offset := rapid.Uint64Range(0, tip.Offset-1).Draw(r, "position")
	since := fmt.Sprintf("?since=%s:%d", tip.Epoch, offset)
	return map[string]string{
		"WebSocket": recovered(t, server.URL, tip, offset),
		"events":    readTo(t, server.URL+"/streaming/events"+since, tip),
		"lines":     readTo(t, server.URL+"/streaming.ndjson"+since, tip),
		"long poll": readTo(t, server.URL+"/streaming.ndjson"+since+"&wait=1", tip),
	}
}

// recovered returns the events that a WebSocket sends from an offset up to the tip.
func recovered(t *testing.T, url string, tip hub.Position, offset uint64) string {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	ask := fmt.Sprintf(`["websocket_rails.subscribe",{"id":1,"data":{"channel":%q,"since":%d,"epoch":%q}}]`, channel, offset, tip.Epoch)
	if err := ws.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for last := fmt.Sprintf(`"offset":%d,"epoch"`, tip.Offset); !strings.Contains(all.String(), last); {
		_, message, err := ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		all.Write(message)
	}
	return all.String()
}

// readTo returns the events that a stream sends up to the tip.
func readTo(t *testing.T, url string, tip hub.Position) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	line, event := fmt.Sprintf(`"offset":%d,"epoch":%q}`+"\n", tip.Offset, tip.Epoch), "id: "+tip.String()+"\n"
	ended := func(all string) bool {
		return strings.HasSuffix(all, line) || strings.Contains(all, event) && strings.HasSuffix(all, "\n\n")
	}
	var all []byte
	for chunk := make([]byte, 64<<10); !ended(string(all)); {
		n, err := answer.Body.Read(chunk)
		if all = append(all, chunk[:n]...); err != nil {
			t.Fatalf("%v after %s", err, all)
		}
	}
	return string(all)
}
