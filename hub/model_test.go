package hub_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nagare/hub"
)

// model is what a channel with a ring of that size must do: remember the
// number of events that it was given. The nth has n for its data.
type model struct {
	w     *world
	ring  uint64
	head  uint64
	epoch string
}

func (m *model) tail() uint64 { return max(m.head, m.ring) - m.ring + 1 }

func (m *model) publish(n int) {
	m.epoch = m.w.publish(n)
	m.head += uint64(n)
}

// viewer is a page that keeps its place, whatever happens to its connections.
type viewer struct {
	m     *model
	c     *client // nil while it is away
	epoch string  // empty until it was told
	at    uint64  // the last event it has dealt with, or was told will not come
	on    bool    // subscribed
	said  int     // messages on this connection, as there is a limit
}

func TestModel_EveryEventArrivesOnceInOrderOrIsAnnounced(t *testing.T) {
	for _, network := range networks {
		t.Run(network.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				ring := rapid.SampledFrom([]int{1, 7, 60, 700}).Draw(t, "ring")
				m := &model{w: network.start(t, hub.Options{Ring: ring}), ring: uint64(ring)}
				m.publish(rapid.IntRange(1, 3).Draw(t, "events at first"))
				viewers := []*viewer{{m: m}, {m: m}}
				t.Repeat(m.actions(viewers))
				for _, v := range viewers {
					v.catchUp()
				}
			})
		})
	}
}

func (m *model) actions(viewers []*viewer) map[string]func(*rapid.T) {
	any := rapid.SampledFrom(viewers)
	return map[string]func(*rapid.T){
		"publish": func(t *rapid.T) { m.publish(rapid.IntRange(1, 5).Draw(t, "events")) },
		"overrun": func(t *rapid.T) { m.publish(rapid.IntRange(1, int(m.ring)*3/2+1).Draw(t, "events")) },
		"read":    func(t *rapid.T) { any.Draw(t, "viewer").readSome(rapid.IntRange(1, 80).Draw(t, "events")) },
		"subscribe": func(t *rapid.T) {
			any.Draw(t, "viewer").subscribe(rapid.IntRange(-1, 100).Draw(t, "last"))
		},
		"resume": func(t *rapid.T) {
			v := any.Draw(t, "viewer")
			back := rapid.SampledFrom([]uint64{0, 0, 0, 1, 3, 501}).Draw(t, "further back")
			v.resume(v.at-min(back, v.at), rapid.IntRange(-1, 100).Draw(t, "last"))
		},
		"unsubscribe": func(t *rapid.T) { any.Draw(t, "viewer").unsubscribe() },
		"disconnect":  func(t *rapid.T) { any.Draw(t, "viewer").disconnect() },
		"cut":         func(t *rapid.T) { any.Draw(t, "viewer").cut(rapid.IntRange(1, 60).Draw(t, "bytes")) },
	}
}

// Actions of a viewer

func (v *viewer) readSome(n int) {
	for ; n > 0 && v.on && v.at < v.m.head; n-- {
		v.take(v.c.text())
	}
}

// subscribe asks for no place, and for the last events if last is not negative.
func (v *viewer) subscribe(last int) {
	again := v.on
	v.ask("subscribe", wanted(last))
	v.answer(func(got result) {
		want := v.m.head
		if last >= 0 {
			want = max(v.m.tail()-1, v.m.head-min(uint64(last), v.m.head))
		}
		if again {
			want = v.at
		}
		v.check(got, result{Offset: want})
	})
}

// resume asks for what came after since.
func (v *viewer) resume(since uint64, last int) {
	if v.epoch == "" {
		v.subscribe(last)
		return
	}
	v.ask("subscribe", fmt.Sprintf(`,"since":%d,"epoch":"%s"%s`, since, v.epoch, wanted(last)))
	v.answer(func(got result) {
		yes, no := true, false
		want := result{Offset: since, Recovered: &yes}
		if since+1 < v.m.tail() {
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

// cut is a connection that ends in the middle of a frame.
func (v *viewer) cut(bytes int) {
	if v.on && v.at < v.m.head {
		v.c.conn.SetReadDeadline(time.Now().Add(v.c.patience))
		v.c.r.Read(make([]byte, bytes))
	}
	v.disconnect()
}

// catchUp is the end of each story: the viewer comes back and reads on until it
// has dealt with everything.
func (v *viewer) catchUp() {
	v.resume(v.at, 100)
	v.m.publish(1)
	for v.at < v.m.head {
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
	v.on = v.on || what == "unsubscribe" // to read up to the reply
	v.c.send(fmt.Sprintf(`["websocket_rails.%s",{"id":1,"data":{"channel":"streaming"%s}}]`, what, more))
}

// answer deals with what was on its way, then with the token and the result.
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

// take deals with one event, which must be the next one, or the word that the
// next ones will not come.
func (v *viewer) take(message string) {
	ev, err := parse(message)
	if err != nil || !v.on || ev.Epoch != v.m.epoch {
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
		furthest := max(v.m.tail()-1, v.m.head-min(50, v.m.head))
		if gap.From != v.at+1 || gap.To != ev.Offset || gap.To < gap.From || gap.To > furthest || gap.From >= v.m.tail() {
			v.m.w.t.Fatalf("at %d, of %d to %d: got %s", v.at, v.m.tail(), v.m.head, message)
		}
	default:
		v.m.w.t.Fatalf("got %s", message)
	}
	v.at = ev.Offset
}
