package main

import (
	"fmt"
	"strings"
)

// What every message carries once, and nothing else does: the marker, by which
// the load counts, and after it the moment at which a publisher asked for it.
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

// message is an event of about 700 bytes: as an object, for the peers that have an
// envelope of their own, and in the envelope of websocket-rails for the rest.
type message struct {
	text []byte
	data []byte // a part of text
}

// newMessage makes a message of its own memory, as some peers keep it for a while.
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

// frame is the text as RFC 6455, section 5.2, has it on the wire.
func (m message) frame() []byte {
	n := len(m.text)
	return append([]byte{0x81, 126, byte(n >> 8), byte(n)}, m.text...)
}

// publishRequest is the line by which a publisher asks the server for a message.
func publishRequest(stamp int64) []byte { return fmt.Appendf(nil, "publish %d\n", stamp) }
