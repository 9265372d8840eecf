package main

import (
	"fmt"
	"strings"
)

// The load counts messages by their markers: every message contains the marker once, and
// nothing else contains it. After the marker, the message has the time at which a publisher
// requested it.
const (
	marker      = '~'
	stampLength = len("1700000000000000000") // Unix nanoseconds
	textLength  = 700
)

const (
	envelope    = `[["create",{"channel":"streaming","data":`
	endEnvelope = `}]]`
	fields      = `{"id":"replay:demo-17","screen_name":"nagare","name":"Nagare","lang":"en","icon_url":"/static/demo/nagare.svg","at":"~`
)

// message is an event of 700 bytes. data is the bare JSON object, for peers that add an
// envelope of their own. text has that object in the envelope of websocket-rails, for the
// other peers.
type message struct {
	text []byte
	data []byte // a part of text
}

// newMessage allocates a new message each time, because some peers keep messages for a while.
func newMessage(stamp string) message {
	text := make([]byte, 0, textLength)
	text = append(text, envelope...)
	text = append(text, fields...)
	text = append(text, stamp...)
	text = append(text, `","text":"`...)
	text = append(text, filler...)
	text = append(text, `"}`...)
	data := text[len(envelope):]
	return message{append(text, endEnvelope...), data}
}

var filler = strings.Repeat("nagareru ", textLength)[:textLength-
	len(envelope)-len(fields)-stampLength-len(`","text":""}`)-len(endEnvelope)]

// frame returns the text as a WebSocket frame (RFC 6455, section 5.2).
func (m message) frame() []byte {
	n := len(m.text)
	return append([]byte{0x81, 126, byte(n >> 8), byte(n)}, m.text...)
}

// publishRequest is the line with which a publisher requests a message from the server.
func publishRequest(stamp int64) []byte { return fmt.Appendf(nil, "publish %d\n", stamp) }
