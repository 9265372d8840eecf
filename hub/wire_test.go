package hub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"nagare/hub"
)

func TestConnect_GreetsEachConnectionWithAnIDOfItsOwn(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		first, second := w.open().text(), w.open().text()
		if plain(first) != greeting || plain(second) != greeting {
			t.Errorf("got  %s\nand  %s\nwant %s", first, second, greeting)
		}
		if first == second {
			t.Errorf("both connections are told %s", first)
		}
	})
}

func TestConnect_ARequestWithoutUpgradeGetsUpgradeRequired(t *testing.T) {
	c, err := overTCP(t, hub.Options{}).dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET /websocket HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")
	res, _ := io.ReadAll(c)
	if !bytes.HasPrefix(res, []byte("HTTP/1.1 426 ")) || !bytes.Contains(res, []byte("\r\nUpgrade: websocket\r\n")) {
		t.Errorf("got %s, want 426 with Upgrade: websocket", res)
	}
}

func TestSubscribe_SendsTheTokenBeforeTheResult(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.Channel("streaming")
		c := w.join()
		c.send(`["websocket_rails.subscribe",{"id":105418,"data":{"channel":"streaming"}}]`)
		c.expect(token, reply("websocket_rails.subscribe", "105418", "null",
			`{"channel":"streaming","epoch":"EPOCH","offset":0,"head":0}`, true))
	})
}

func TestSubscribe_GivesATokenForEachConnectionAndChannel(t *testing.T) {
	w := overTCP(t, hub.Options{})
	w.Channel("streaming")
	w.Channel("other")
	find := regexp.MustCompile(`"token":"([0-9a-f]{32})"`)
	ask := func(c *client, channel string) string {
		c.send(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"` + channel + `"}}]`)
		message := c.text()
		c.until(`"success":true`)
		if found := find.FindStringSubmatch(message); found != nil {
			return found[1]
		}
		t.Fatalf("got %s, want a token of 128 bits", message)
		return ""
	}
	a, b := w.join(), w.join()
	first := ask(a, "streaming")
	if again := ask(a, "streaming"); again != first {
		t.Errorf("the same connection and channel got %s, then %s", first, again)
	}
	if other := ask(a, "other"); other == first {
		t.Errorf("two channels have the token %s", first)
	}
	if other := ask(b, "streaming"); other == first {
		t.Errorf("two connections have the token %s", first)
	}
}

func TestTrigger_ReachesASubscriberWithOffsetAndEpochBesideTheData(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		ch := w.Channel("streaming")
		c := w.join()
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":0,"head":0`))
		ch.Trigger(t.Context(), "create", map[string]string{"id": "twitter:1", "text": "<b>流れ</b>"})
		ch.Trigger(t.Context(), "destroy", nil)
		c.expect(`[["create",{"channel":"streaming","data":{"id":"twitter:1","text":"\u003cb\u003e流れ\u003c/b\u003e"},"offset":1,"epoch":"EPOCH"}]]`,
			`[["destroy",{"channel":"streaming","data":{},"offset":2,"epoch":"EPOCH"}]]`)
	})
}

// If data is null, the client of 2013 passes all attributes of the event to its callback
// instead. If text is not UTF-8, a browser closes the connection.
func TestPublish_NeverSendsDataThatBreaksAClient(t *testing.T) {
	w := overTCP(t, hub.Options{})
	ch := w.Channel("streaming")
	for _, data := range []string{"null", " null ", "{", "1 2", "\"\xff\"", `"a","success":true`, ""} {
		ch.Publish(t.Context(), hub.Event{Name: "create", Data: []byte(data)})
	}
	for _, name := range []string{"constructor", "Create", "", "__proto__", "a\"b", "1a", strings.Repeat("a", 65)} {
		if position, err := ch.Trigger(t.Context(), name, 1); err == nil {
			t.Errorf("an event of the name %q is taken, at %v", name, position)
		}
	}
	ch.Trigger(t.Context(), strings.Repeat("z", 64), 1)

	c := w.join()
	c.send(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","last":100}}]`)
	c.until(`"success":true`)
	for ev := (event{}); ev.name != strings.Repeat("z", 64); {
		ev = c.event()
		if data := string(ev.Data); ev.name == "create" && data != "{}" && data != `"`+"\uFFFD"+`"` {
			t.Errorf("data %q is on the wire", data)
		}
	}
}

// Encoded data isn't checked again, but clients get it in the same form as checked data.
func TestPublish_SendsEncodedDataInTheFormOfCheckedData(t *testing.T) {
	for _, v := range []any{nil, "<b>&\u2028\xff", map[string]any{"b": 1, "a": nil}, json.RawMessage(" null "), json.RawMessage("{ \"a\" :\"<\xff\"}")} {
		ch := hub.New(hub.Options{}).Channel("streaming")
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		checked, encoded := hub.Event{Name: "create", Data: raw}, hub.Event{Name: "create"}
		if err := encoded.Encode(v); err != nil {
			t.Fatal(err)
		}
		for _, ev := range []hub.Event{checked, encoded} {
			if _, err := ch.Publish(t.Context(), ev); err != nil {
				t.Fatal(err)
			}
		}
		events, _ := ch.Recent(2)
		if want, got := string(events[0].Data), string(events[1].Data); got != want || got == "null" || !utf8.ValidString(got) {
			t.Errorf("%#v: got %q, want %q", v, got, want)
		}
	}
}

func TestChannel_RefusesNamesThatBreakTheOldClient(t *testing.T) {
	h := hub.New(hub.Options{})
	for name, ok := range map[string]bool{
		"streaming": true, "a": true, "a.b_c-9": true, strings.Repeat("a", 64): true,
		"": false, "constructor": false, "__proto__": false, "toString": false, "9a": false, ".a": false,
		"a b": false, "流れ": false, "a\n": false, strings.Repeat("a", 65): false,
	} {
		if got := panics(func() { h.Channel(name) }); got == ok {
			t.Errorf("Channel(%q) panics: %t, want %t", name, got, !ok)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestPublish_RefusesDataOverSixteenKiB(t *testing.T) {
	ch := hub.New(hub.Options{}).Channel("streaming")
	for size, want := range map[int]error{16 << 10: nil, 16<<10 + 1: hub.ErrTooLarge} {
		data := `"` + strings.Repeat("x", size-2) + `"`
		if _, err := ch.Publish(t.Context(), hub.Event{Name: "create", Data: []byte(data)}); err != want {
			t.Errorf("%d bytes: %v, want %v", size, err, want)
		}
	}
}

func TestWire_AClientCannotPublish(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.Channel("streaming")
		viewer, attacker := w.join(), w.join()
		viewer.send(subscribe)
		stolen := regexp.MustCompile(`[0-9a-f]{32}`).FindString(viewer.text())
		viewer.expect(subscribed(`"offset":0,"head":0`))
		attacker.send(subscribe)
		own := regexp.MustCompile(`[0-9a-f]{32}`).FindString(attacker.text())
		attacker.expect(subscribed(`"offset":0,"head":0`))

		for _, token := range []string{stolen, own, "t"} {
			attacker.send(`["create",{"id":127685,"channel":"streaming","data":{"text":"evil"},"token":"` + token + `"}]`)
			if got, want := attacker.text(), `[["create",{"id":127685,"channel":"streaming","user_id":null,`+
				`"data":{"error":"forbidden","reason":"channel is read-only"},`+
				`"success":false,"result":null,"token":null,"server_token":null}]]`; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
		attacker.send(`["create",{"id":5,"data":{"text":"evil"},"user_id":1,"server_token":"x","propagate":true,"namespace":"streaming","success":true,"result":1}]`)
		attacker.expect(failed("create", "5", "null", "unknown_event"))

		w.publish(1)
		viewer.expect(created(1))
		attacker.expect(created(1))
	})
}

func TestUnsubscribe_NothingOfTheChannelFollowsTheReply(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.Channel("streaming")
		c := w.join()
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":0,"head":0`))

		enough := make(chan struct{})
		flooded := make(chan struct{})
		go func() {
			defer close(flooded)
			for i := 0; i < 100_000; i++ {
				select {
				case <-enough:
					return
				default:
					w.Channel("streaming").Trigger(t.Context(), "create", i)
				}
			}
		}()
		c.until(`"create"`)
		c.send(`["websocket_rails.unsubscribe",{"id":8,"data":{"channel":"streaming"}}]`)
		if got, want := c.until("websocket_rails.unsubscribe"), reply("websocket_rails.unsubscribe", "8", "null", "{}", true); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		for range 10 {
			c.answered()
		}
		close(enough)
		<-flooded
	})
}

func TestSubscribe_TwiceSendsEachEventOnce(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.Channel("streaming")
		c := w.join()
		for range 2 {
			c.send(subscribe)
			c.expect(token, subscribed(`"offset":0,"head":0`))
		}
		w.publish(3)
		c.expect(created(1), created(2), created(3))
		c.answered()
	})
}

func TestSubscribe_AcceptsSixteenChannelsAndNoMore(t *testing.T) {
	w := overTCP(t, hub.Options{})
	for i := range 17 {
		w.Channel(fmt.Sprint("c", i))
	}
	ask := func(what string, i int) string {
		return fmt.Sprintf(`["websocket_rails.%s",{"id":1,"data":{"channel":"c%d"}}]`, what, i)
	}
	c := w.join()
	for i := range 16 {
		c.send(ask("subscribe", i))
		c.until(`"success":true`)
	}
	c.send(ask("subscribe", 16))
	c.expect(failed("websocket_rails.subscribe", "1", "null", "too_many_subscriptions"))
	c.send(ask("subscribe", 15))
	c.until(`"success":true`)
	c.send(ask("unsubscribe", 3))
	c.until(`"success":true`)
	c.send(ask("subscribe", 16))
	c.until(`"success":true`)
}
