package hub_test

import (
	"context"
	"fmt"
	"net/http"

	"nagare/hub"
)

// Publishing is three lines; the rest of it is the HTTP server that every
// program has its own way to start.
func Example() {
	h := hub.New(hub.Options{})
	http.Handle("/websocket", h)
	// go h.Run(ctx)

	place, err := h.Channel("streaming").Trigger(context.Background(), "create", map[string]string{"text": "hello"})
	fmt.Println(place.Offset, err)
	// Output: 1 <nil>
}

// A page that is made on the server wears the place that it was made at; its
// script subscribes with it and is sent what came after.
func ExampleChannel_Recent() {
	ctx := context.Background()
	ch := hub.New(hub.Options{}).Channel("streaming")
	ch.Trigger(ctx, "create", "first")
	ch.Trigger(ctx, "create", "second")

	events, tip := ch.Recent(30)
	for _, ev := range events {
		fmt.Printf("%d %s %s\n", ev.Place.Offset, ev.Name, ev.Data)
	}
	fmt.Println("continue after", tip.Offset)
	// Output:
	// 1 create "first"
	// 2 create "second"
	// continue after 2
}

// An event that erases is sent in the place of all that was said about its key.
func ExampleChannel_Publish() {
	ctx := context.Background()
	ch := hub.New(hub.Options{}).Channel("streaming")
	ch.Publish(ctx, hub.Event{Name: "create", Key: "post:1", Data: []byte(`{"text":"oops"}`)})
	ch.Publish(ctx, hub.Event{Name: "destroy", Key: "post:1", Data: []byte(`{"id":"post:1"}`), Erase: true})

	events, _ := ch.Recent(30)
	for _, ev := range events {
		fmt.Println(ev.Place.Offset, ev.Name, string(ev.Data))
	}
	// Output:
	// 1 destroy {"id":"post:1"}
	// 2 destroy {"id":"post:1"}
}
