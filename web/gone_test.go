package web

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/bluesky"
	"nagare/stream/reconcile"
)

// jetstream is a Bluesky server that sends the messages to each client. Its profile lookups find
// no author.
func jetstream(t *testing.T, messages ...string) (src *bluesky.Source) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		for _, message := range messages {
			conn.WriteMessage(websocket.TextMessage, []byte(message))
		}
		conn.ReadMessage() // until the client disconnects
	}))
	t.Cleanup(server.Close)
	return &bluesky.Source{Hosts: []string{strings.Replace(server.URL, "http", "ws", 1)}, Profiles: server.URL, Hold: -1}
}

const leaver, stayer = "did:plc:leaver", "did:plc:stayer"

func jetstreamPost(operation, did, key, text string) string {
	return fmt.Sprintf(`{"did":%q,"time_us":%d,"kind":"commit","commit":{"operation":%q,"collection":"app.bsky.feed.post","rkey":%q,"record":{"$type":"app.bsky.feed.post","text":%q,"createdAt":"2026-03-01T08:00:00Z"}}}`,
		did, time.Now().UnixMicro(), operation, key, text)
}

// leaving returns the messages about an author whose account then gets the given status. Some
// messages are repeated at the end, as after a reconnection.
func leaving(status string) []string {
	return []string{
		jetstreamPost("create", leaver, "1", "secret-one"), jetstreamPost("create", stayer, "1", "stays"),
		jetstreamPost("create", leaver, "2", "secret-two"), jetstreamPost("update", leaver, "1", "secret-edit"),
		fmt.Sprintf(`{"did":%q,"time_us":%d,"kind":"account","account":{"active":false,"did":%q,"status":%q}}`, leaver, time.Now().UnixMicro(), leaver, status),
		jetstreamPost("create", leaver, "1", "secret-one"), jetstreamPost("update", leaver, "2", "secret-edit"),
		jetstreamPost("create", leaver, "3", "secret-three"), jetstreamPost("create", stayer, "end", "the end"),
	}
}

// The ops of the source pass through the queue and the reconciler. Then the test searches the log,
// the page and the events for a new client.
func TestTimeline_PostsOfADeletedAccountAreInNoLogPageOrStream(t *testing.T) {
	for _, status := range []string{"deleted", "takendown"} {
		t.Run(status, func(t *testing.T) {
			f := newFixture(t)
			server := f.serveReal()
			shown := f.play(jetstream(t, leaving(status)...))
			if want := []string{"create leaver/1", "create stayer/1", "create leaver/2", "update leaver/1", "destroy leaver/1", "destroy leaver/2", "create stayer/end"}; !slices.Equal(shown, want) {
				t.Errorf("told %q, want %q", shown, want)
			}
			events, _ := f.timeline.channel.Recent(everything)
			for _, ev := range events {
				if strings.Contains(string(ev.Data), "secret") {
					t.Errorf("the log has %s", ev.Data)
				}
			}
			if page := f.get("/").Body.String(); strings.Contains(page, "secret") || !strings.Contains(page, "stays") {
				t.Error("want a page of the other author's posts alone")
			}
			if received := f.newClient(server.URL); strings.Contains(received, "secret") || !strings.Contains(received, "stays") || strings.Contains(received, `"create","channel":"streaming","data":{"id":"bluesky:at://did:plc:leaver`) {
				t.Errorf("a new client receives %s", received)
			}
		})
	}
}

var errPlayed = errors.New("played")

// play runs src until it has emitted the post with the key "end". It returns all ops as text.
func (f *fixture) play(src *bluesky.Source) (shown []string) {
	f.t.Helper()
	src.Log = slog.New(slog.DiscardHandler)
	reconciler := reconcile.New(func(op stream.Op) error {
		if err := f.pass(op); err != nil || op.Notice != nil {
			return err
		}
		key := strings.TrimPrefix(op.ID, "bluesky:at://did:plc:")
		shown = append(shown, string(op.Kind)+" "+strings.Replace(key, "/app.bsky.feed.post", "", 1))
		if strings.HasSuffix(key, "/end") {
			return errPlayed
		}
		return nil
	}, nil)
	if err := stream.Run(f.t.Context(), src.Log, stream.Buffered(src), reconciler.Emit); err != errPlayed {
		f.t.Fatal(err)
	}
	return shown
}

// newClient returns all events that a new client of the stream receives, up to the post with the
// text "the end".
func (f *fixture) newClient(url string) string {
	f.t.Helper()
	res, err := http.Get(url + "/streaming.ndjson?last=100")
	if err != nil {
		f.t.Fatal(err)
	}
	defer res.Body.Close()
	var told strings.Builder
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() && !strings.Contains(lines.Text(), "the end") {
		told.WriteString(lines.Text() + "\n")
	}
	return told.String()
}
