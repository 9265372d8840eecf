package hub_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// viewer is a client that keeps its position when it reconnects.
type viewer struct {
	m     *model
	c     *client // nil while it is disconnected
	epoch string  // empty until the first reply with an epoch
	at    uint64  // the last event that the viewer processed, or that a notice skipped
	on    bool    // whether the viewer is subscribed
	said  int     // messages sent on this connection, whose number is limited
}

// Actions of a viewer

func (v *viewer) behind() bool { return v.epoch != v.m.epoch || v.at < v.m.head }

func (v *viewer) readSome(n int) {
	for ; n > 0 && v.on && v.behind(); n-- {
		v.take(v.c.text())
	}
}

// subscribe subscribes without a position, and requests the last events if last is not
// negative.
func (v *viewer) subscribe(last int) {
	again := v.on
	v.ask("subscribe", wanted(last))
	v.answer(func(got result) {
		want := v.m.head
		if last >= 0 {
			want = max(v.m.tail()-1, v.m.head-min(uint64(last), v.m.head))
		}
		if again && got.Epoch == v.epoch && v.epoch != v.m.epoch {
			v.m.expect(got.Offset == v.at, "moved from %d to %d", v.at, got.Offset)
			return // the reset notice has not arrived yet
		}
		if again {
			want = v.at
		}
		v.check(got, result{Offset: want})
	})
}

// resume subscribes from a position.
func (v *viewer) resume(since uint64, last int) {
	if v.epoch == "" {
		v.subscribe(last)
		return
	}
	asked := v.epoch
	v.ask("subscribe", fmt.Sprintf(`,"since":%d,"epoch":"%s"%s`, since, v.epoch, wanted(last)))
	v.answer(func(got result) {
		yes, no := true, false
		want := result{Offset: since, Recovered: &yes}
		if asked != v.m.epoch {
			want = result{Offset: v.m.head, Recovered: &no, Reason: "epoch"}
		} else if since+1 < v.m.tail() {
			want = result{Offset: v.m.head, Recovered: &no, Reason: "expired"}
		} else if v.m.head-since > 500 {
			want = result{Offset: v.m.head, Recovered: &no, Reason: "too_far"}
		}
		if !*want.Recovered && last >= 0 {
			want.Offset = max(v.m.tail()-1, v.m.head-min(uint64(last), v.m.head))
		}
		v.check(got, want)
	})
}

func wanted(last int) string {
	if last < 0 {
		return ""
	}
	return fmt.Sprintf(`,"last":%d`, last)
}

func (v *viewer) unsubscribe() {
	v.ask("unsubscribe", "")
	for v.on {
		if message := v.c.text(); strings.Contains(message, "websocket_rails.unsubscribe") {
			v.on = false
		} else {
			v.take(message)
		}
	}
}

func (v *viewer) disconnect() {
	if v.c != nil {
		v.c.leave()
	}
	v.c, v.on, v.said = nil, false, 0
}

// cut ends the connection after so many bytes, which can be in the middle of a frame.
func (v *viewer) cut(bytes int) {
	if v.on && v.behind() {
		v.c.conn.SetReadDeadline(time.Now().Add(v.c.patience))
		v.c.r.Read(make([]byte, bytes))
	}
	v.disconnect()
}

// catchUp ends a run: the viewer reconnects and reads until it has processed everything.
func (v *viewer) catchUp() {
	v.resume(v.at, 100)
	v.m.publish(1)
	for v.behind() {
		v.take(v.c.text())
	}
	v.c.answered()
}

// Details

// result is the data of a subscribe result.
type result struct {
	Offset    uint64 `json:"offset"`
	Head      uint64 `json:"head"`
	Recovered *bool  `json:"recovered"`
	Reason    string `json:"reason"`
	Epoch     string `json:"epoch"`
}

func (v *viewer) ask(what, more string) {
	if v.said++; v.c == nil || v.said > 15 {
		v.disconnect()
		v.c = v.m.w.join()
	}
	v.on = v.on || what == "unsubscribe" // unsubscribe also gets a reply, which must be read
	v.c.send(fmt.Sprintf(`["websocket_rails.%s",{"id":1,"data":{"channel":"streaming"%s}}]`, what, more))
}

// answer processes the events that arrive before the reply, then the token and the result.
func (v *viewer) answer(check func(result)) {
	for {
		message := v.c.text()
		if plain(message) == token {
			break
		}
		v.take(message)
	}
	ev := v.c.event()
	var got result
	if err := json.Unmarshal(ev.Data, &got); err != nil || ev.name != "websocket_rails.subscribe" {
		v.m.w.t.Fatalf("got %s %s after the token, want the result", ev.name, ev.Data)
	}
	check(got)
	v.on, v.at, v.epoch = true, got.Offset, got.Epoch
}

func (v *viewer) check(got, want result) {
	want.Head, want.Epoch = v.m.head, v.m.epoch
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		v.m.w.t.Fatalf("a viewer at %d of %d to %d\ngot  %s\nwant %s", v.at, v.m.tail(), v.m.head, g, w)
	}
}

// take processes one event, which must be the next one, or a gap or reset notice.
func (v *viewer) take(message string) {
	ev, err := parse(message)
	if err != nil || !v.on || ev.Epoch != v.epoch && ev.name != "stream.reset" {
		v.m.w.t.Fatalf("subscribed: %t, got %s, %v", v.on, message, err)
	}
	switch ev.name {
	case "create":
		if ev.Offset != v.at+1 || string(ev.Data) != fmt.Sprint(ev.Offset) {
			v.m.w.t.Fatalf("at %d: got %s", v.at, message)
		}
	case "stream.gap":
		var gap struct{ From, To uint64 }
		json.Unmarshal(ev.Data, &gap)
		now := v.epoch == v.m.epoch // if not, the model no longer knows the events of the viewer's epoch
		if gap.From != v.at+1 || gap.To != ev.Offset || gap.To < gap.From || now && (gap.To > v.m.furthest() || gap.From >= v.m.tail()) {
			v.m.w.t.Fatalf("at %d, of %d to %d: got %s", v.at, v.m.tail(), v.m.head, message)
		}
	case "stream.reset":
		now := ev.Epoch == v.m.epoch
		if string(ev.Data) != `{"previous":"`+v.epoch+`"}` || ev.Epoch == v.epoch || now && ev.Offset > v.m.furthest() {
			v.m.w.t.Fatalf("in epoch %s: got %s", v.epoch, message)
		}
	default:
		v.m.w.t.Fatalf("got %s", message)
	}
	v.at, v.epoch = ev.Offset, ev.Epoch
}
