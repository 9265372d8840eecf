package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// coderChat is the pattern of coder/websocket's chat example, with the queue length of
// gorilla's chat example. Each subscriber has a Go channel, from which its HTTP handler takes
// the messages and writes each with a timeout. A subscriber whose channel is full is
// disconnected.
var coderChat = peer{name: "coder", what: "coder/websocket, chat pattern", start: startCoder}

type coderRoom struct {
	mu          sync.Mutex
	subscribers map[*coderSubscriber]struct{}
}

type coderSubscriber struct {
	messages chan []byte
	tooSlow  func()
}

func startCoder() (fanout, error) {
	r := &coderRoom{subscribers: map[*coderSubscriber]struct{}{}}
	return fanout{handler: r, publish: r.publish}, nil
}

func (room *coderRoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	s := &coderSubscriber{
		messages: make(chan []byte, chatQueue),
		tooSlow:  func() { c.Close(websocket.StatusPolicyViolation, "too slow") },
	}
	room.mu.Lock()
	room.subscribers[s] = struct{}{}
	room.mu.Unlock()
	defer room.leave(s)
	ctx := c.CloseRead(r.Context())
	for {
		select {
		case text := <-s.messages:
			if writeCoder(ctx, c, text) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func writeCoder(ctx context.Context, c *websocket.Conn, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return c.Write(ctx, websocket.MessageText, text)
}

func (room *coderRoom) leave(s *coderSubscriber) {
	room.mu.Lock()
	defer room.mu.Unlock()
	delete(room.subscribers, s)
}

func (room *coderRoom) publish(m message) {
	room.mu.Lock()
	defer room.mu.Unlock()
	for s := range room.subscribers {
		select {
		case s.messages <- m.text:
		default:
			go s.tooSlow()
		}
	}
}
