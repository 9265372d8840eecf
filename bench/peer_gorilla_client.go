package main

import (
	"time"

	"github.com/gorilla/websocket"
)

// read reads, and ignores, what the client sends until the connection ends.
func (h *chat) read(c *chatClient) {
	defer func() { h.leave <- c; c.ws.Close() }()
	c.ws.SetReadLimit(512)
	c.ws.SetReadDeadline(time.Now().Add(chatPong))
	c.ws.SetPongHandler(func(string) error { return c.ws.SetReadDeadline(time.Now().Add(chatPong)) })
	for {
		if _, _, err := c.ws.ReadMessage(); err != nil {
			return
		}
	}
}

// write sends the client's messages, and pings.
func (c *chatClient) write() {
	ping := time.NewTicker(chatPong * 9 / 10)
	defer ping.Stop()
	defer c.ws.Close()
	for {
		select {
		case text, ok := <-c.send:
			c.ws.SetWriteDeadline(time.Now().Add(chatWait))
			if !ok {
				c.ws.WriteMessage(websocket.CloseMessage, nil)
				return
			}
			if c.writeQueued(text) != nil {
				return
			}
		case <-ping.C:
			c.ws.SetWriteDeadline(time.Now().Add(chatWait))
			if c.ws.WriteMessage(websocket.PingMessage, nil) != nil {
				return
			}
		}
	}
}

// writeQueued writes the text and all other messages in the queue as one message.
func (c *chatClient) writeQueued(text []byte) error {
	w, err := c.ws.NextWriter(websocket.TextMessage)
	if err != nil {
		return err
	}
	w.Write(text) // Close returns the error
	for range len(c.send) {
		w.Write([]byte{'\n'})
		w.Write(<-c.send)
	}
	return w.Close()
}
