package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// crowd are viewers that reconnect all the time, each time to any of the nodes.
type crowd struct {
	t   *testing.T
	url string

	mu       sync.Mutex
	contents map[string]string // by position
	resets   int               // announced
	received int
}

// viewer is one of them.
type viewer struct {
	crowd  *crowd
	epoch  string
	offset uint64
	ids    map[string]bool // of the posts of this epoch
}

// run follows the stream until ctx ends, and reconnects every second or so.
func (v *viewer) run(ctx context.Context) {
	for ctx.Err() == nil {
		visit, leave := context.WithTimeout(ctx, time.Duration(500+rand.N(1500))*time.Millisecond)
		v.visit(visit)
		leave()
	}
}

func (v *viewer) visit(ctx context.Context) {
	dialer := websocket.Dialer{HandshakeTimeout: time.Second}
	ws, _, err := dialer.DialContext(ctx, v.crowd.url, nil)
	if err != nil {
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
		return
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { ws.Close() })()
	since := ""
	if v.epoch != "" {
		since = fmt.Sprintf(`,"since":%d,"epoch":%q`, v.offset, v.epoch)
	}
	ws.WriteMessage(websocket.TextMessage, []byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"`+since+`}}]`))
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return
		}
		v.receive(text)
	}
}

// frame is an event as the wire has it.
type frame struct {
	Data    json.RawMessage
	Success *bool
	Epoch   string
	Offset  uint64
}

func (v *viewer) receive(text []byte) {
	var events [1][2]json.RawMessage
	var name string
	var f frame
	if err := errors.Join(json.Unmarshal(text, &events), json.Unmarshal(events[0][0], &name), json.Unmarshal(events[0][1], &f)); err != nil {
		v.crowd.t.Errorf("%v in %s", err, text)
		return
	}
	switch {
	case name == "websocket_rails.subscribe":
		var reply struct {
			Epoch     string
			Offset    uint64
			Recovered *bool
		}
		if err := json.Unmarshal(f.Data, &reply); err != nil || f.Success == nil || !*f.Success {
			v.crowd.t.Errorf("the subscription got %s", text)
		}
		v.moveTo(reply.Epoch, reply.Offset, reply.Recovered != nil && !*reply.Recovered)
	case name == "stream.gap" || name == "stream.reset":
		v.moveTo(f.Epoch, f.Offset, true)
	case f.Epoch != "":
		v.event(name, f)
	}
}

// moveTo notes the position from which the viewer goes on, and whether the node has announced that
// events are missing.
func (v *viewer) moveTo(epoch string, offset uint64, announced bool) {
	if v.epoch != "" && !announced && (epoch != v.epoch || offset != v.offset) {
		v.crowd.t.Errorf("a viewer at %s:%d was moved to %s:%d without notice", v.epoch, v.offset, epoch, offset)
	}
	if epoch != v.epoch {
		v.ids = map[string]bool{}
	}
	if v.epoch, v.offset = epoch, offset; announced {
		v.crowd.mu.Lock()
		defer v.crowd.mu.Unlock()
		v.crowd.resets++
	}
}

func (v *viewer) event(name string, f frame) {
	if f.Epoch != v.epoch || f.Offset != v.offset+1 {
		v.crowd.t.Errorf("a viewer at %s:%d got %s:%d", v.epoch, v.offset, f.Epoch, f.Offset)
	}
	v.offset = f.Offset
	var post struct{ ID string }
	if json.Unmarshal(f.Data, &post); name == "create" {
		if v.ids[post.ID] {
			v.crowd.t.Errorf("%s is created twice, again at %s:%d", post.ID, f.Epoch, f.Offset)
		}
		v.ids[post.ID] = true
	}
	v.crowd.note(fmt.Sprint(f.Epoch, ":", f.Offset), name+" "+post.ID)
}

// note fails the test if another viewer got another event at the position.
func (c *crowd) note(position, content string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received++
	if before, known := c.contents[position]; known && before != content {
		c.t.Errorf("%s has two contents: %s and %s", position, before, content)
	}
	c.contents[position] = content
}

// has reports whether a viewer got an event with that content.
func (c *crowd) has(content string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, got := range c.contents {
		if got == content {
			return true
		}
	}
	return false
}

// post publishes a post at one of the nodes, and waits until a viewer has it.
func (c *crowd) post(t *testing.T, ports []int, dead *node, id string) {
	t.Helper()
	id = strings.ReplaceAll(id, " ", "-")
	for begun := time.Now(); !c.has("create post:" + id); time.Sleep(50 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("no viewer has the post %q", id)
		}
		port := ports[rand.N(len(ports))]
		if dead != nil && port == dead.port {
			continue
		}
		body := fmt.Sprintf(`{"tweet":{"id":%q,"text":"x","screen_name":"mio"}}`, id)
		request, _ := http.NewRequest(http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/streaming", port), strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+secret)
		request.Header.Set("Content-Type", "application/json")
		client := http.Client{Timeout: 2 * time.Second}
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
		}
	}
}
