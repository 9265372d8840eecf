package hub_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// memory is a store for the hubs of one process, with one channel. Append returns once all
// followers have the events.
type memory struct {
	mu        sync.Mutex
	epoch     string
	events    []hub.Event
	followers map[*delivery]bool
	broken    error // if not nil, Follow fails with it
	tries     int   // calls of Follow
	appends   int   // calls of Append
}

type delivery func(hub.Position, []hub.Event)

func newMemory() *memory { return &memory{epoch: "a", followers: map[*delivery]bool{}} }

func (m *memory) Append(_ context.Context, _ string, events []hub.Event) (at []hub.Position, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.appends++
	for _, ev := range events {
		ev.Position = hub.Position{Epoch: m.epoch, Offset: 1}
		if n := len(m.events); n > 0 && m.events[n-1].Position.Epoch == m.epoch {
			ev.Position.Offset = m.events[n-1].Position.Offset + 1
		}
		at = append(at, ev.Position)
		m.tell(ev)
	}
	return at, nil
}

// tell delivers an event to all followers. m.mu is held.
func (m *memory) tell(ev hub.Event) {
	for i, earlier := range m.events {
		m.events[i] = earlier.RewrittenBy(ev)
	}
	m.events = append(m.events, ev)
	for deliver := range m.followers {
		(*deliver)(ev.Position, []hub.Event{ev})
	}
}

func (m *memory) Follow(ctx context.Context, _ string, after hub.Position, most int, deliver func(hub.Position, []hub.Event)) error {
	m.mu.Lock()
	if m.tries++; m.broken != nil {
		defer m.mu.Unlock()
		return m.broken
	}
	var missed []hub.Event
	tip := hub.Position{Epoch: m.epoch}
	for _, ev := range m.events {
		if tip = ev.Position; ev.Position.Epoch != after.Epoch || ev.Position.Offset > after.Offset {
			missed = append(missed, ev)
		}
	}
	deliver(tip, missed[max(0, len(missed)-most):])
	f := delivery(deliver)
	m.followers[&f] = true
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.followers, &f)
	return ctx.Err()
}

// lose skips so many offsets, like a store that has lost events.
func (m *memory) lose(offsets uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := &m.events[len(m.events)-1]
	last.Position.Offset += offsets
}

// followed reports whether a hub follows the store.
func (m *memory) followed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.followers) > 0
}

func (m *memory) begin(epoch string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.epoch = epoch
}

// storing runs a test with some hubs that share a store.
func storing(t *testing.T, hubs int, test func(*testing.T, *memory, []*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m, all := newMemory(), []*world{}
		for range hubs {
			w := overPipe(t, hub.Options{Store: m, Ring: 20})
			w.Channel("streaming")
			all = append(all, w)
		}
		synctest.Wait()
		test(t, m, all)
	})
}

func TestStore_AllHubsShowTheSameLog(t *testing.T) {
	storing(t, 2, func(t *testing.T, m *memory, all []*world) {
		a, b := all[0], all[1]
		for n := range 10 {
			if position, err := all[n%2].Channel("streaming").Trigger(t.Context(), "create", n+1); err != nil || position != (hub.Position{Epoch: "a", Offset: uint64(n + 1)}) {
				t.Fatalf("event %d is at %v, %v", n+1, position, err)
			}
		}
		late := overPipe(t, hub.Options{Store: m, Ring: 20}) // its channel is made while it runs
		late.Channel("streaming")
		synctest.Wait()
		want, tip := a.Channel("streaming").Recent(20)
		for _, w := range []*world{b, late} {
			if got, at := w.Channel("streaming").Recent(20); fmt.Sprint(got, at) != fmt.Sprint(want, tip) || len(got) != 10 {
				t.Errorf("got  %v %v\nwant %v %v", got, at, want, tip)
			}
		}
		c := late.join()
		c.send(late.subscription(`,"since":8,"epoch":"a"`)) // a position from another hub
		c.expect(token, subscribed(`"offset":8,"head":10,"recovered":true`), created(9), created(10))
	})
}

// A client moves to a hub that the store has not yet delivered the newest events to.
func TestStore_AClientThatIsAheadOfTheHubIsRecovered(t *testing.T) {
	storing(t, 1, func(t *testing.T, m *memory, all []*world) {
		w := all[0]
		w.publish(5)
		c := w.join()
		c.send(w.subscription(`,"since":7,"epoch":"EPOCH"`))
		c.expect(token, subscribed(`"offset":7,"head":5,"recovered":true`))
		for n := range 4 {
			w.Channel("streaming").Trigger(t.Context(), "create", n+6)
		}
		c.expect(created(8), created(9))
		c.send(w.subscription(`,"since":510,"epoch":"EPOCH"`))
		c.expect(token, subscribed(`"offset":9,"head":9,"recovered":false,"reason":"ahead"`))
	})
}

func TestStore_ARewrittenEventIsRewrittenInAllHubs(t *testing.T) {
	for _, test := range []struct {
		newer hub.Event
		want  string
	}{
		{hub.Event{Name: "update", Key: "k", Data: []byte(`"new"`)}, `create "new" update "new" `},
		{hub.Event{Name: "destroy", Key: "k", Erase: true}, `destroy {} destroy {} `},
	} {
		storing(t, 2, func(t *testing.T, m *memory, all []*world) {
			ch := all[0].Channel("streaming")
			ch.Publish(t.Context(), hub.Event{Name: "create", Key: "k", Data: []byte(`"old"`)})
			ch.Publish(t.Context(), test.newer)
			late := overPipe(t, hub.Options{Store: m})
			late.Channel("streaming")
			synctest.Wait()
			for _, w := range append(all, late) {
				events, _ := w.Channel("streaming").Recent(20)
				got := ""
				for _, ev := range events {
					got += fmt.Sprintf("%s %s ", ev.Name, ev.Data)
				}
				if got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			}
		})
	}
}

func TestStore_ADuplicateIsIgnoredAndAGapIsAnnounced(t *testing.T) {
	storing(t, 1, func(t *testing.T, m *memory, all []*world) {
		w := all[0]
		w.publish(3)
		c, s := w.join(), w.join()
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":3,"head":3`))
		m.mu.Lock()
		for _, ev := range m.events {
			m.tell(ev) // the hub has already received it once
		}
		m.mu.Unlock()
		w.publish(1)
		c.expect(created(4))
		m.lose(5)
		w.Channel("streaming").Trigger(t.Context(), "create", 10)
		c.expect(`[["stream.gap",{"channel":"streaming","data":{"from":5,"to":9,"reason":"slow"},"offset":9,"epoch":"EPOCH"}]]`, created(10))
		s.send(w.subscription(`,"since":4,"epoch":"EPOCH"`))
		s.expect(token, subscribed(`"offset":10,"head":10,"recovered":false,"reason":"expired"`))
		c.answered()
	})
}

func TestStore_ReadersAreToldOfANewEpoch(t *testing.T) {
	storing(t, 1, func(t *testing.T, m *memory, all []*world) {
		w := all[0]
		w.publish(3)
		c := w.join()
		c.send(w.subscription(`,"last":1`))
		c.expect(token, subscribed(`"offset":2,"head":3`), created(3))
		m.begin("b")
		w.Channel("streaming").Trigger(t.Context(), "create", 1)
		if got, want := c.text(), `[["stream.reset",{"channel":"streaming","data":{"previous":"a"},"offset":0,"epoch":"b"}]]`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		c.expect(created(1))
		w.Channel("streaming").Trigger(t.Context(), "create", 2)
		c.expect(created(2))
		c.send(w.subscription(`,"since":3,"epoch":"a"`)) // a position from before the new epoch
		c.expect(token, subscribed(`"offset":2,"head":2,"recovered":false,"reason":"epoch"`))
		c.answered()
	})
}

func TestStore_StreamsAreToldOfANewEpoch(t *testing.T) {
	for address, want := range map[string]string{
		"/events": "id: b:0\nevent: stream.reset\ndata: {\"previous\":\"a\"}\n\nid: b:1\nevent: create\ndata: 1\n\n",
		"/lines": `{"event":"stream.reset","channel":"streaming","data":{"previous":"a"},"offset":0,"epoch":"b"}` + "\n" +
			`{"event":"create","channel":"streaming","data":1,"offset":1,"epoch":"b"}` + "\n",
	} {
		m := newMemory()
		streamBubble(t, hub.Options{Store: m}, func(t *testing.T, w *streamWorld) {
			synctest.Wait()
			w.publish(3)
			s := w.open(t, address)
			m.begin("b")
			w.Channel("streaming").Trigger(t.Context(), "create", 1)
			got := ""
			for range strings.Count(want, "\n") {
				got += s.line()
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestStore_IsFollowedAgainAfterItFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told bytes.Buffer
		m := newMemory()
		m.broken = errors.New("out of order")
		h := hub.New(hub.Options{Store: m, Log: slog.New(slog.NewTextHandler(&told, nil))})
		ch := h.Channel("streaming")
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { h.Run(ctx) })
		after(time.Minute)
		m.mu.Lock()
		tries := m.tries
		m.broken = nil
		m.mu.Unlock()
		if n := strings.Count(told.String(), "out of order"); n != 1 || tries < 59 || tries > 61 {
			t.Errorf("tried %d times in a minute, told %d times:\n%s", tries, n, &told)
		}
		ch.Trigger(t.Context(), "create", 1)
		after(2 * time.Second)
		if got := ch.Tip(); got != (hub.Position{Epoch: "a", Offset: 1}) {
			t.Errorf("at %v, want what was published meanwhile", got)
		}
		stop()
		running.Wait()
	})
}

// An event that can't be sent is skipped, and the readers get a gap notice.
func TestStore_AnInvalidEventIsSkipped(t *testing.T) {
	storing(t, 1, func(t *testing.T, m *memory, all []*world) {
		w := all[0]
		c := w.join()
		w.publish(1)
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":1,"head":1`))
		m.mu.Lock()
		m.tell(hub.Event{Name: "create", Data: []byte("1"), Position: hub.Position{Epoch: "No!", Offset: 1}})
		m.tell(hub.Event{Name: "create", Data: []byte("{"), Position: hub.Position{Epoch: "a", Offset: 2}})
		m.mu.Unlock()
		w.Channel("streaming").Trigger(t.Context(), "create", 3)
		c.expect(`[["stream.gap",{"channel":"streaming","data":{"from":2,"to":2,"reason":"slow"},"offset":2,"epoch":"EPOCH"}]]`, created(3))
	})
}
