package hub_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"nagare/hub"
)

// A hub is an http.Handler. Run must run at the same time, to write the events.
func Example() {
	h := hub.New(hub.Options{})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	server := httptest.NewServer(h) // or http.ListenAndServe
	defer server.Close()
	defer running.Wait()
	defer stop()

	h.Channel("streaming").Trigger(ctx, "create", map[string]string{"text": "hello"})

	// What a browser does:
	ws, _, err := websocket.DefaultDialer.Dial(strings.Replace(server.URL, "http", "ws", 1), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ws.Close()
	ws.WriteMessage(websocket.TextMessage, []byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","last":1}}]`))
	for range 3 { // the greeting, a token, and the result
		ws.ReadMessage()
	}
	_, event, _ := ws.ReadMessage()
	fmt.Println(strings.Replace(string(event), h.Channel("streaming").Tip().Epoch, "lz4k2", 1))
	// Output: [["create",{"channel":"streaming","data":{"text":"hello"},"offset":1,"epoch":"lz4k2"}]]
}

// Trigger publishes an event and returns its position.
func ExampleChannel_Trigger() {
	h := hub.New(hub.Options{})
	position, err := h.Channel("streaming").Trigger(context.Background(), "create", map[string]string{"text": "hello"})
	fmt.Println(position.Offset, err)
	// Output: 1 <nil>
}

// Each channel has its own log, and a connection follows the channels that it subscribes
// to. Only the program makes channels; a client can't.
func ExampleHub_Channel() {
	ctx := context.Background()
	h := hub.New(hub.Options{})
	h.Channel("news").Trigger(ctx, "create", "first")
	h.Channel("news").Trigger(ctx, "create", "second")
	h.Channel("weather").Trigger(ctx, "update", "rain")
	fmt.Println(h.Channel("news").Tip().Offset, h.Channel("weather").Tip().Offset)
	// Output: 2 1
}

// A page that the server renders carries the position of its newest event. Its script
// subscribes from that position, and gets the events after it.
func ExampleChannel_Recent() {
	ctx := context.Background()
	ch := hub.New(hub.Options{}).Channel("streaming")
	ch.Trigger(ctx, "create", "first")
	ch.Trigger(ctx, "create", "second")

	events, tip := ch.Recent(30)
	for _, ev := range events {
		fmt.Printf("%d %s %s\n", ev.Position.Offset, ev.Name, ev.Data)
	}
	fmt.Println("continue after", tip.Offset)
	// Output:
	// 1 create "first"
	// 2 create "second"
	// continue after 2
}

// An event replaces the data of all earlier events that have the same key, so that no
// reader is sent the old text. A tombstone also replaces their names with its own.
func ExampleChannel_Publish() {
	ctx := context.Background()
	ch := hub.New(hub.Options{}).Channel("streaming")
	ch.Publish(ctx, hub.Event{Name: "create", Key: "post:1", Data: []byte(`{"text":"oops"}`)})
	ch.Publish(ctx, hub.Event{Name: "destroy", Key: "post:1", Data: []byte(`{"id":"post:1"}`), Erase: true})
	ch.Publish(ctx, hub.Event{Name: "create", Key: "post:2", Data: []byte(`{"text":"hallo"}`)})
	ch.Publish(ctx, hub.Event{Name: "update", Key: "post:2", Data: []byte(`{"text":"hello"}`)})

	events, _ := ch.Recent(30)
	for _, ev := range events {
		fmt.Println(ev.Position.Offset, ev.Name, string(ev.Data))
	}
	// Output:
	// 1 destroy {"id":"post:1"}
	// 2 destroy {"id":"post:1"}
	// 3 create {"text":"hello"}
	// 4 update {"text":"hello"}
}

// list is a minimal store, with one channel and no limit on the events that it holds.
type list struct {
	mu     sync.Mutex
	events []hub.Event
	more   chan struct{} // each Append closes it and makes another one
}

func (l *list) Append(_ context.Context, _ string, events []hub.Event) (at []hub.Position, _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ev := range events {
		for i, earlier := range l.events {
			l.events[i] = earlier.RewrittenBy(ev)
		}
		ev.Position = hub.Position{Epoch: "lz4k2", Offset: uint64(len(l.events) + 1)}
		l.events, at = append(l.events, ev), append(at, ev.Position)
	}
	close(l.more)
	l.more = make(chan struct{})
	return at, nil
}

func (l *list) Follow(ctx context.Context, _ string, after hub.Position, most int, deliver func(hub.Position, []hub.Event)) error {
	for at := int(after.Offset); ; {
		l.mu.Lock()
		at = max(at, len(l.events)-most)
		events, more := slices.Clone(l.events[at:]), l.more
		l.mu.Unlock()
		at += len(events)
		deliver(hub.Position{Epoch: "lz4k2", Offset: uint64(at)}, events)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-more:
		}
	}
}

// Two hubs with one store show the same log. In practice each hub is in its own process.
func ExampleStore() {
	ctx, stop := context.WithCancel(context.Background())
	store := &list{more: make(chan struct{})}
	var hubs [2]*hub.Hub
	var running sync.WaitGroup
	for i := range hubs {
		h := hub.New(hub.Options{Store: store})
		h.Channel("streaming")
		running.Go(func() { h.Run(ctx) })
		hubs[i] = h
	}
	hubs[0].Channel("streaming").Trigger(ctx, "create", "said to the first")
	for hubs[1].Channel("streaming").Tip().Offset == 0 {
		runtime.Gosched() // the store delivers in a moment
	}
	events, tip := hubs[1].Channel("streaming").Recent(1)
	fmt.Printf("%v %s %s\n", tip, events[0].Name, events[0].Data)
	stop()
	running.Wait()
	// Output: lz4k2:1 create "said to the first"
}

// A page for administrators follows a private channel with the cookie of its login.
func ExampleHub_Private() {
	h := hub.New(hub.Options{
		MayFollow: func(r *http.Request, channel string) bool {
			login, err := r.Cookie("login")
			return err == nil && login.Value == "a secret of "+channel
		},
	})
	admin := http.HandlerFunc(h.Private("admin").ServeEvents)
	r := httptest.NewRequest("GET", "/admin/events", nil)
	r.AddCookie(&http.Cookie{Name: "login", Value: "a guess"})
	w := httptest.NewRecorder()
	admin.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body)
	// Output: 404 no such channel
}
