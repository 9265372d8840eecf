package hub_test

import (
	"fmt"
	"strings"
	"testing"

	"nagare/hub"
)

// silence stands for no reply.
const silence = ""

// fails is the reply with the error err to an event of that name, with id 7 and no channel.
func fails(name, err string) string { return failed(name, "7", "null", err) }

const (
	sub   = "websocket_rails.subscribe"
	unsub = "websocket_rails.unsubscribe"
)

var inbound = []struct{ message, want string }{
	// Messages that are not an event.
	{`hello`, silence},
	{``, silence},
	{`["a",{"id":7}`, silence},
	{`["a",{"id":7}]]`, silence},
	{`{"a":{"id":7}}`, silence},
	{`"a"`, silence},
	{`null`, silence},
	{`[]`, silence},
	{`["a"]`, silence},
	{`[null,{"id":7}]`, silence},
	{`[7,{"id":7}]`, silence},
	{`["a",null]`, silence},
	{`["a",7]`, silence},
	{`["a",[{"id":7}]]`, silence},
	{`[["a",{"id":7}]]`, silence},
	{`["",{"id":7}]`, silence},
	{`[".",{"id":7}]`, silence},
	{`["...",{"id":7}]`, silence},

	// Events with superfluous parts.
	{`["a",{"id":7},{"id":8},null]`, fails("a", "unknown_event")},
	{` [ "a" , { "id" : 7 } ] `, fails("a", "unknown_event")},

	// Invalid subscriptions.
	{`["websocket_rails.subscribe",{"id":7}]`, fails(sub, "bad_request")},
	{`["websocket_rails.subscribe",{"id":7,"data":null}]`, fails(sub, "bad_request")},
	{`["websocket_rails.subscribe",{"id":7,"data":"streaming"}]`, fails(sub, "bad_request")},
	{`["websocket_rails.subscribe",{"id":7,"data":["streaming"]}]`, fails(sub, "bad_request")},
	{`["websocket_rails.subscribe",{"id":7,"data":7}]`, fails(sub, "bad_request")},
	{`["websocket_rails.subscribe",{"id":7,"data":{}}]`, fails(sub, "bad_request")},
	{`["websocket_rails.subscribe",{"id":7,"data":{"channel":7}}]`, fails(sub, "bad_request")},
	{`["websocket_rails.subscribe",{"id":7,"data":{"channel":null}}]`, fails(sub, "bad_request")},
	{`["websocket_rails.subscribe",{"id":7,"data":{"channel":"nosuch"}}]`, fails(sub, "unknown_channel")},
	{`["websocket_rails.subscribe",{"id":7,"data":{"channel":"constructor"}}]`, fails(sub, "unknown_channel")},
	{`["websocket_rails.subscribe",{"id":7,"data":{"channel":"Streaming"}}]`, fails(sub, "unknown_channel")},
	{`["websocket_rails.subscribe_private",{"id":7,"data":{"channel":"streaming"}}]`,
		reply("websocket_rails.subscribe_private", "7", "null", `{"error":"not_private","reason":"WHY","hint":"use subscribe instead."}`, false)},

	// Unsubscribing, which succeeds even without a subscription.
	{`["websocket_rails.unsubscribe",{"id":7,"data":{"channel":"streaming"}}]`, reply(unsub, "7", "null", "{}", true)},
	{`["websocket_rails.unsubscribe",{"id":7,"data":{"channel":"nosuch"}}]`, reply(unsub, "7", "null", "{}", true)},

	// Publishing to a channel, whether it exists or not.
	{`["create",{"id":7,"channel":"streaming","data":{}}]`, failed("create", "7", `"streaming"`, "forbidden")},
	{`["create",{"id":7,"channel":"nosuch","data":{}}]`, failed("create", "7", `"nosuch"`, "forbidden")},
	{`["a",{"channel":"streaming"}]`, failed("a", "null", `"streaming"`, "forbidden")},
	{`["a",{"id":7,"channel":null}]`, fails("a", "unknown_event")},
	{`["websocket_rails.subscribe",{"id":7,"channel":"streaming","data":{"channel":"streaming"}}]`,
		failed(sub, "7", `"streaming"`, "forbidden")},

	// Unknown events.
	{`["new_message",{"id":7,"data":{"text":"hi"}}]`, fails("new_message", "unknown_event")},
	{`["new_message",{"data":{}}]`, silence},
	{`["new_message",{}]`, silence},
	{`["constructor",{"id":7}]`, fails("constructor", "unknown_event")},
	{`["websocket_rails.nosuch",{"id":7}]`, fails("websocket_rails.nosuch", "unknown_event")},

	// Events that only a server sends.
	{`["client_connected",{"id":7}]`, fails("client_connected", "reserved")},
	{`["client_disconnected",{"id":7}]`, fails("client_disconnected", "reserved")},
	{`["client_error",{"id":7}]`, fails("client_error", "reserved")},
	{`["invalid_event",{"id":7}]`, fails("invalid_event", "reserved")},
	{`["connection_closed",{"id":7}]`, fails("connection_closed", "reserved")},
	{`["connection_error",{"id":7}]`, fails("connection_error", "reserved")},
	{`["connection_",{"id":7}]`, fails("connection_", "reserved")},
	{`["websocket_rails.ping",{"id":7}]`, fails("websocket_rails.ping", "reserved")},
	{`["websocket_rails.channel_token",{"id":7}]`, fails("websocket_rails.channel_token", "reserved")},

	// The answer to a ping.
	{`["websocket_rails.pong",{"id":7,"data":{}}]`, silence},
	{`["websocket_rails.pong",{}]`, silence},

	// Ids that the reply repeats.
	{`["a",{"id":0}]`, failed("a", "0", "null", "unknown_event")},
	{`["a",{"id":-1}]`, failed("a", "-1", "null", "unknown_event")},
	{`["a",{"id":9007199254740992}]`, failed("a", "9007199254740992", "null", "unknown_event")},
	{`["a",{"id":-9007199254740992}]`, failed("a", "-9007199254740992", "null", "unknown_event")},
	{`["a",{"id":"7"}]`, failed("a", `"7"`, "null", "unknown_event")},
	{`["a",{"id":""}]`, failed("a", `""`, "null", "unknown_event")},
	{`["a",{"id":"` + strings.Repeat("x", 64) + `"}]`, failed("a", `"`+strings.Repeat("x", 64)+`"`, "null", "unknown_event")},
	{`["a",{"id":"` + strings.Repeat("é", 32) + `"}]`, failed("a", `"`+strings.Repeat("é", 32)+`"`, "null", "unknown_event")},
	{`["a",{"id":"\"]],[["}]`, failed("a", `"\"]],[["`, "null", "unknown_event")},

	// Invalid ids, which are treated like a missing one.
	{`["a",{"id":9007199254740993}]`, silence},
	{`["a",{"id":-9007199254740993}]`, silence},
	{`["a",{"id":1e400}]`, silence},
	{`["a",{"id":99999999999999999999999}]`, silence},
	{`["a",{"id":1.5}]`, silence},
	{`["a",{"id":null}]`, silence},
	{`["a",{"id":true}]`, silence},
	{`["a",{"id":{}}]`, silence},
	{`["a",{"id":[7]}]`, silence},
	{`["a",{"id":"` + strings.Repeat("x", 65) + `"}]`, silence},
	{`["a",{"id":"` + strings.Repeat("é", 33) + `"}]`, silence},
	{`["websocket_rails.subscribe",{"id":1.5}]`, failed(sub, "null", "null", "bad_request")},
}

func TestInbound_EachMessageGetsTheExpectedReplyOrNone(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.Channel("streaming")
		for _, test := range inbound {
			t.Run(test.message, func(t *testing.T) {
				c := w.join()
				c.t = t
				defer c.leave()
				c.send(test.message)
				if test.want != silence {
					c.expect(test.want)
				}
				c.answered()
			})
		}
	})
}

func TestInbound_MessagesAreHandledInOrder(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.Channel("streaming")
		c := w.join()
		for id := range 5 {
			c.send(fmt.Sprintf(`["a",{"id":%d}]`, id))
			c.send(`["websocket_rails.unsubscribe",{"id":1,"data":{"channel":"streaming"}}]`)
			c.send(subscribe)
		}
		for id := range 5 {
			c.expect(failed("a", fmt.Sprint(id), "null", "unknown_event"), reply(unsub, "1", "null", "{}", true),
				token, subscribed(`"offset":0,"head":0`))
		}
		w.publish(1)
		c.expect(created(1))
		c.answered()
	})
}
