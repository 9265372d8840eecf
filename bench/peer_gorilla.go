package main

import (
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// gorillaChat is the pattern of gorilla's chat example. One goroutine keeps the set of all
// clients. Each client has a Go channel of 256 messages and two goroutines, and is dropped if
// its channel is full. All messages in the channel are sent together as one message, a line
// for each.
var gorillaChat = peer{name: "gorilla", what: "gorilla/websocket, chat pattern", start: startGorilla}

const (
	chatQueue = 256
	chatWait  = 10 * time.Second // time limit of a write
	chatPong  = 60 * time.Second // time limit of a client's pong
)

type chat struct {
	upgrader    websocket.Upgrader
	join, leave chan *chatClient
	broadcast   chan []byte
}

type chatClient struct {
	ws   *websocket.Conn
	send chan []byte // closed by run
}

func startGorilla() (fanout, error) {
	h := &chat{
		upgrader: websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024},
		join:     make(chan *chatClient), leave: make(chan *chatClient), broadcast: make(chan []byte),
	}
	go h.run()
	return fanout{handler: h, publish: func(m message) { h.broadcast <- m.text }}, nil
}

func (h *chat) run() {
	clients := map[*chatClient]bool{}
	drop := func(c *chatClient) {
		if clients[c] {
			delete(clients, c)
			close(c.send)
		}
	}
	for {
		select {
		case c := <-h.join:
			clients[c] = true
		case c := <-h.leave:
			drop(c)
		case text := <-h.broadcast:
			for c := range clients {
				select {
				case c.send <- text:
				default:
					drop(c)
				}
			}
		}
	}
}

func (h *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &chatClient{ws, make(chan []byte, chatQueue)}
	h.join <- c
	go c.write()
	go h.read(c)
}
