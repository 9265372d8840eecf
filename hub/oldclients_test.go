package hub_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nagare/hub"
)

// oldClients are the releases of the websocket-rails client, with the messages that each of them
// sends in a session: it connects, subscribes, tries to publish, answers a ping and reconnects.
var oldClients = []struct {
	release  string
	messages []string
}{
	{"0.6.2", []string{
		`["websocket_rails.subscribe",{"id":105418,"data":{"channel":"streaming"}}]`,
		`["create",{"id":127685,"channel":"streaming","data":{"text":"evil"}}]`,
		`["started",{}]`,
		`["websocket_rails.pong",{"id":112525,"data":{}}]`,
		`["websocket_rails.unsubscribe",{"id":70011,"data":{"channel":"streaming"}}]`,
	}},
	{"0.7.0", []string{
		`["websocket_rails.subscribe",{"id":99002,"data":{"channel":"nosuch"}}]`,
		`["websocket_rails.subscribe",{"id":99003,"data":{"channel":"streaming"}}]`,
		`["create",{"id":99004,"channel":"streaming","data":{"text":"evil"},"token":"t"}]`,
		`["websocket_rails.subscribe_private",{"id":99005,"data":{"channel":"streaming"}}]`,
		`["websocket_rails.pong",{"id":99006,"data":{}}]`,
	}},
	{"head", []string{
		`["websocket_rails.unsubscribe",{"id":70001,"data":{"channel":"streaming"}}]`,
		`["websocket_rails.subscribe",{"id":70002,"data":{"channel":"streaming"}}]`,
		`["websocket_rails.subscribe",{"id":70002,"data":{"channel":"streaming"}}]`,
		`["login",{"id":70003,"data":{"name":"x"}}]`,
		`["websocket_rails.pong",{"id":70004,"data":{}}]`,
	}},
}

// transcript plays the sessions of the old clients, one after another, and returns what they
// send and receive. After each message, the channel gets a create, an update and a destroy.
func transcript(w *world) string {
	var b strings.Builder
	for _, old := range oldClients {
		fmt.Fprintf(&b, "websocket-rails %s\n", old.release)
		c := w.open()
		c.transcribe(&b)
		for n, message := range old.messages {
			fmt.Fprintf(&b, "> %s\n", message)
			c.send(message)
			c.transcribe(&b)
			w.record(fmt.Sprint(old.release, "-", n), func() { c.transcribe(&b) })
		}
		after(23 * time.Second) // a ping is due
		c.transcribe(&b)
		c.leave()
	}
	return b.String()
}

// record publishes a post, an edit of it and its deletion, and calls then after each of them.
func (w *world) record(id string, then func()) {
	w.t.Helper()
	for _, ev := range []hub.Event{
		{Name: "create", Key: id, Data: fmt.Appendf(nil, `{"id":%q,"text":"<b>流れ</b>"}`, id)},
		{Name: "update", Key: id, Data: fmt.Appendf(nil, `{"id":%q,"text":"edited"}`, id)},
		{Name: "destroy", Key: id, Erase: true, Data: fmt.Appendf(nil, `{"id":%q}`, id)},
	} {
		if _, err := w.Channel("streaming").Publish(w.t.Context(), ev); err != nil {
			w.t.Fatalf("publish: %v", err)
		}
		then()
	}
}

// transcribe writes each frame that arrives before the hub has nothing more to send.
func (c *client) transcribe(b *strings.Builder) {
	c.patience = time.Microsecond // of virtual time, which passes once everything waits
	defer func() { c.patience = 5 * time.Second }()
	for {
		opcode, payload, err := c.read()
		if err != nil {
			return
		}
		message := string(payload)
		for _, c := range chosen[:3] { // the reasons of failures stay as they are
			message = c.by.ReplaceAllString(message, c.name)
		}
		fmt.Fprintf(b, "< %X %s\n", opcode, message)
	}
}

// The file is the transcript from before the hub had filters and private channels.
func TestOldClients_AreSentTheSameBytesAsEver(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "old-clients.txt"))
	if err != nil {
		t.Fatal(err)
	}
	filterBubble(t, func(t *testing.T, w *world) {
		neighbour := w.join()
		neighbour.with("go", "")
		go io.Copy(io.Discard, neighbour.conn)
		if got := transcript(w); got != string(want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}
