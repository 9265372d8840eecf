package hub_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"nagare/hub"
)

// mistakes are all the error codes that a reply to a client can have.
var mistakes = map[string]bool{
	"bad_request": true, "unknown_channel": true, "too_many_subscriptions": true, "not_private": true,
	"forbidden": true, "unknown_event": true, "reserved": true, "bad_filter": true, "too_many_filters": true,
}

// internals are words of the implementation, which no client should see.
var internals = regexp.MustCompile(`json|hub|nagare|goroutine|panic|runtime|unmarshal|invalid character|\.go|nil|0x`)

// FuzzInbound makes a client send any message. The hub must send only valid replies, one for
// each request with an id, and then answer the next message.
func FuzzInbound(f *testing.F) {
	for _, test := range inbound {
		f.Add([]byte(test.message))
	}
	f.Add([]byte(subscribe))
	f.Add([]byte("\xff"))
	f.Add([]byte(padded(4096)))
	f.Add([]byte(padded(4097)))
	f.Add([]byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","since":1,"epoch":"a","last":1}}]`))
	f.Add([]byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","filter":"go","last":1}}]`))
	f.Add([]byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","filter":"two words"}}]`))
	f.Add([]byte(`["\ud800",{"id":"\ud800","channel":"\u0000","data":{"a":[[[[[[]]]]]]}}]`))
	f.Add([]byte(strings.Repeat("[", 4096)))
	world := overPipe(f, filtering(hub.Limits{Handshakes: 1 << 20}))
	world.Channel("streaming")
	f.Fuzz(func(t *testing.T, message []byte) {
		if len(message) > 1<<16-1 {
			return // longer than the frames that this client can make
		}
		w := *world
		w.t = t
		c := w.join()
		c.send(string(message))
		switch tooBig := len(message) > 4096; {
		case tooBig:
			c.expectClose(1009)
		case !utf8.Valid(message):
			c.expectClose(1007)
		default:
			c.expectSense(message)
		}
	})
}

// expectSense reads the replies to a message, up to the reply to the next one.
func (c *client) expectSense(message []byte) {
	c.t.Helper()
	c.send(`["anything",{"id":"afterwards"}]`)
	answers := 0
	for {
		got := c.text()
		if strings.Contains(got, `"id":"afterwards"`) && strings.HasPrefix(got, `[["anything"`) {
			if answers == 0 && needsAnswer(message) {
				c.t.Fatalf("%s: no answer", message)
			}
			return
		}
		ev, err := parse(got)
		if err != nil || !json.Valid([]byte(got)) {
			c.t.Fatalf("%s: got %s, %v", message, got, err)
		}
		var failure struct{ Error, Reason string }
		if json.Unmarshal(ev.Data, &failure); failure.Error != "" && (!mistakes[failure.Error] || internals.MatchString(failure.Reason)) {
			c.t.Fatalf("%s: got %s", message, got)
		}
		if answers++; answers > 2 {
			c.t.Fatalf("%s: got a third answer, %s", message, got)
		}
	}
}

var whole = regexp.MustCompile(`^-?[0-9]{1,15}$`)

// needsAnswer reports whether the message is an event with an id. It doesn't use the hub's
// parser, and misses some such events.
func needsAnswer(message []byte) bool {
	var parts []any
	d := json.NewDecoder(strings.NewReader(string(message)))
	d.UseNumber()
	if err := d.Decode(&parts); err != nil || d.More() || !json.Valid(message) || len(parts) < 2 {
		return false
	}
	name, _ := parts[0].(string)
	attrs, _ := parts[1].(map[string]any)
	id, _ := attrs["id"].(json.Number)
	return strings.Trim(name, ".") != "" && name != "websocket_rails.pong" && whole.MatchString(string(id))
}
