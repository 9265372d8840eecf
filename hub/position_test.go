package hub

import (
	"encoding/json"
	"testing"
)

// Old clients keep positions in pages, in URLs and in memory. So the encoding must never
// change, even if the Go names do.
func TestPosition_KeepsItsEncodingForEver(t *testing.T) {
	p := Position{Epoch: "lz4k2", Offset: 42}
	ev := Event{Name: "create", Data: json.RawMessage(`{"id":"a:1"}`), Position: p}
	asJSON, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(f form) string { b, _ := f.encode("streaming", ev); return string(b) }
	for _, test := range []struct{ what, got, want string }{
		{"JSON", string(asJSON), `{"epoch":"lz4k2","offset":42}`},
		{"text", p.String(), "lz4k2:42"},
		{"WebSocket frame", encoded(webSocketForm),
			"\x81\x54" + `[["create",{"channel":"streaming","data":{"id":"a:1"},"offset":42,"epoch":"lz4k2"}]]`},
		{"Server-Sent Event", encoded(eventForm), "id: lz4k2:42\nevent: create\ndata: {\"id\":\"a:1\"}\n\n"},
		{"line", encoded(lineForm),
			`{"event":"create","channel":"streaming","data":{"id":"a:1"},"offset":42,"epoch":"lz4k2"}` + "\n"},
		{"ping", string(headsPing(t)), "\x81\x7e\x00\xbf" +
			`[["websocket_rails.ping",{"id":null,"channel":null,"user_id":null,` +
			`"data":{"heads":{"streaming":{"epoch":"lz4k2","offset":42}}},` +
			`"success":null,"result":null,"token":null,"server_token":null}]]` + "\x89\x00"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got  %q\nwant %q", test.what, test.got, test.want)
		}
	}
}

// headsPing returns the ping of a connection that follows a channel at lz4k2:42.
func headsPing(t *testing.T) []byte {
	t.Helper()
	l := newLog(&Channel{name: "streaming"}, "lz4k2")
	l.channel.log.Store(l)
	l.head.Store(42)
	c := &conn{cursors: []cursor{newCursor(l, nil, 0)}}
	return c.ping()
}
