package hub_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"nagare/hub"
)

// byWord is Options.Filter for tests: an event matches if its data contains the word. The word
// "*" stands for all events, and one with a space is invalid. asked counts the events that
// filters were asked about.
func byWord(asked *atomic.Int64) func(string, string) (string, func(hub.Event) bool, error) {
	return func(_, text string) (string, func(hub.Event) bool, error) {
		word := strings.ToLower(text)
		switch {
		case word == "*":
			return "", nil, nil
		case strings.Contains(word, " "):
			return "", nil, errors.New("one word only")
		}
		return word, func(ev hub.Event) bool {
			asked.Add(1)
			return bytes.Contains(ev.Data, []byte(word))
		}, nil
	}
}

func filtering(limits hub.Limits) hub.Options {
	return hub.Options{Filter: byWord(new(atomic.Int64)), Limits: limits}
}

// happen publishes an event of a record, whose data are words.
func (w *world) happen(name, key, words string) {
	w.t.Helper()
	ev := hub.Event{Name: name, Key: key, Erase: name == "destroy", Data: fmt.Appendf(nil, "%q", words)}
	if _, err := w.Channel("streaming").Publish(w.t.Context(), ev); err != nil {
		w.t.Fatalf("publish: %v", err)
	}
}

// with subscribes with a filter, and with more attributes of the subscription.
func (c *client) with(filter, more string) {
	epoch := c.w.Channel("streaming").Tip().Epoch
	c.send(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","filter":"` + filter + `"` +
		strings.ReplaceAll(more, "EPOCH", epoch) + `}}]`)
}

// refused is the reply to a subscription with id 1.
func refused(err string) string { return failed(sub, "1", "null", err) }

func wired(name, data string, offset int) string {
	return fmt.Sprintf(`[["%s",{"channel":"streaming","data":%s,"offset":%d,"epoch":"EPOCH"}]]`, name, data, offset)
}

func TestFilter_AClientIsSentTheCreatesThatMatchAndAllOtherEvents(t *testing.T) {
	everywhere(t, filtering(hub.Limits{}), func(t *testing.T, w *world) {
		w.Channel("streaming")
		c, all := w.join(), w.join()
		c.with("GO", "")
		c.expect(token, subscribed(`"offset":0,"head":0,"filter":"go"`))
		all.send(subscribe)
		all.expect(token, subscribed(`"offset":0,"head":0`))

		w.happen("create", "1", "go")
		w.happen("create", "2", "rust")
		w.happen("update", "2", "rust 2")
		w.happen("source", "", "up")
		w.happen("create", "3", "rust")
		w.happen("create", "4", "go 4")
		c.expect(wired("create", `"go"`, 1), wired("update", `"rust 2"`, 3), wired("source", `"up"`, 4), wired("create", `"go 4"`, 6))
		w.happen("destroy", "3", "gone")
		c.expect(wired("destroy", `"gone"`, 7))
		c.answered()
		for offset := uint64(1); offset <= 7; offset++ {
			if ev := all.event(); ev.Offset != offset {
				t.Fatalf("a client without a filter is sent %d after %d", ev.Offset, offset-1)
			}
		}
	})
}

func TestFilter_SaysWhatIsWrongWithAFilter(t *testing.T) {
	w := overTCP(t, filtering(hub.Limits{}))
	w.Channel("streaming")
	c := w.join()
	c.with("two words", "")
	c.expect(refused("bad_filter"))
	c.with("two words", "")
	if got := c.text(); !strings.Contains(got, `"reason":"one word only"`) {
		t.Errorf("got %s, want the text of the error", got)
	}
	for _, filter := range []string{`7`, `null`, `["go"]`, `{}`, `true`} {
		c.send(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","filter":` + filter + `}}]`)
		c.expect(refused("bad_request"))
	}
	w.happen("create", "", "go")
	c.answered() // it is not subscribed
}

func TestFilter_WithoutOptionsFilterAFilterIsRefused(t *testing.T) {
	w := overTCP(t, hub.Options{})
	w.Channel("streaming")
	c := w.join()
	c.with("go", "")
	c.expect(refused("bad_filter"))
	c.with("", "")
	c.expect(token, subscribed(`"offset":0,"head":0`))
}

func TestFilter_ThatEverythingPassesIsNone(t *testing.T) {
	w := overTCP(t, filtering(hub.Limits{}))
	w.Channel("streaming")
	c := w.join()
	c.with("*", "")
	c.expect(token, subscribed(`"offset":0,"head":0`))
	w.publish(1)
	c.expect(created(1))
}

func TestFilter_CanBeChangedWhileThePositionStays(t *testing.T) {
	everywhere(t, filtering(hub.Limits{}), func(t *testing.T, w *world) {
		w.Channel("streaming")
		c := w.join()
		c.with("go", "")
		c.expect(token, subscribed(`"offset":0,"head":0,"filter":"go"`))
		w.happen("create", "", "rust")
		w.happen("create", "", "go")
		c.expect(wired("create", `"go"`, 2))
		c.with("rust", "")
		c.expect(token, subscribed(`"offset":2,"head":2,"filter":"rust"`))
		w.happen("create", "", "go")
		w.happen("create", "", "rust")
		c.expect(wired("create", `"rust"`, 4))
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":4,"head":4`))
		w.happen("create", "", "go")
		c.expect(wired("create", `"go"`, 5))
	})
}

func TestFilter_ARecoveryCountsTheEventsThatMatch(t *testing.T) {
	o := filtering(hub.Limits{Replay: 3})
	o.Ring = 20
	everywhere(t, o, func(t *testing.T, w *world) {
		for n := range 30 { // 11 to 30 are held; go: 12, 17, 22, 27
			w.happen("create", "", map[bool]string{true: "go", false: "rust"}[n%5 == 1])
		}
		for _, test := range []struct{ more, want string }{
			{`,"since":9,"epoch":"EPOCH"`, `"offset":30,"head":30,"recovered":false,"reason":"expired","filter":"go"`},
			{`,"since":10,"epoch":"EPOCH"`, `"offset":30,"head":30,"recovered":false,"reason":"too_far","filter":"go"`},
			{`,"since":12,"epoch":"EPOCH"`, `"offset":12,"head":30,"recovered":true,"filter":"go"`},
			{`,"since":30,"epoch":"EPOCH"`, `"offset":30,"head":30,"recovered":true,"filter":"go"`},
			{`,"since":31,"epoch":"EPOCH"`, `"offset":30,"head":30,"recovered":false,"reason":"ahead","filter":"go"`},
			{`,"since":12,"epoch":"other"`, `"offset":30,"head":30,"recovered":false,"reason":"epoch","filter":"go"`},
			{`,"last":0`, `"offset":30,"head":30,"filter":"go"`},
			{`,"last":2`, `"offset":21,"head":30,"filter":"go"`},
			{`,"last":4`, `"offset":11,"head":30,"filter":"go"`},
			{`,"last":5`, `"offset":10,"head":30,"filter":"go"`},
			{`,"last":1,"since":10,"epoch":"EPOCH"`, `"offset":26,"head":30,"recovered":false,"reason":"too_far","filter":"go"`},
		} {
			c := w.join()
			c.with("go", test.more)
			c.expect(token, subscribed(test.want))
			c.leave()
		}
		c := w.join()
		c.with("go", `,"since":12,"epoch":"EPOCH"`)
		c.expect(token, subscribed(`"offset":12,"head":30,"recovered":true,"filter":"go"`))
		c.expect(wired("create", `"go"`, 17), wired("create", `"go"`, 22), wired("create", `"go"`, 27))
		c.answered()
	})
}

// A recovery goes by the newest state of each record.
func TestFilter_ARecoveryGoesByTheNewestState(t *testing.T) {
	everywhere(t, filtering(hub.Limits{}), func(t *testing.T, w *world) {
		w.happen("create", "1", "rust")
		w.happen("create", "2", "go")
		w.happen("create", "3", "go")
		for _, since := range []string{"0", "1"} { // the filter has seen the first states
			c := w.join()
			c.with("go", `,"since":`+since+`,"epoch":"EPOCH"`)
			c.expect(token, subscribed(`"offset":`+since+`,"head":3,"recovered":true,"filter":"go"`))
			c.expect(wired("create", `"go"`, 2), wired("create", `"go"`, 3))
			defer c.leave()
		}
		w.happen("update", "1", "go now")
		w.happen("update", "2", "rust now")
		w.happen("destroy", "3", "gone")
		c := w.join()
		c.with("go", `,"since":0,"epoch":"EPOCH"`)
		c.expect(token, subscribed(`"offset":0,"head":6,"recovered":true,"filter":"go"`))
		c.expect(wired("create", `"go now"`, 1), wired("destroy", `"gone"`, 3))
		c.expect(wired("update", `"go now"`, 4), wired("update", `"rust now"`, 5), wired("destroy", `"gone"`, 6))
	})
}

func TestFilter_IsAskedOnceAboutEachEventForAllClients(t *testing.T) {
	var asked atomic.Int64
	w := overTCP(t, hub.Options{Filter: byWord(&asked)})
	w.Channel("streaming")
	const filters, each, posts = 20, 6, 50
	var clients []*client
	for i := range filters * each {
		c := w.join()
		c.with(fmt.Sprintf(".%d.", i%filters), "")
		c.until(`"success":true`)
		clients = append(clients, c)
	}
	for n := range posts {
		w.happen("create", "", fmt.Sprintf(".%d.", n%filters))
	}
	w.happen("source", "", "end")
	var reading sync.WaitGroup
	for i, c := range clients {
		reading.Go(func() {
			want := posts / filters
			if i%filters < posts%filters {
				want++
			}
			for ; want > 0; want-- {
				if ev := c.event(); ev.name != "create" {
					t.Errorf("client %d: got %s, and %d creates are missing", i, ev.name, want)
					return
				}
			}
			if ev := c.event(); ev.name != "source" {
				t.Errorf("client %d: got %s, want the last event", i, ev.name)
			}
		})
	}
	reading.Wait()
	if got := asked.Load(); got != filters*posts {
		t.Errorf("%d filters were asked %d times about %d events, want once each", filters, got, posts)
	}
}

func TestFilter_AResetNoticeReachesAClientWithAFilter(t *testing.T) {
	store := newMemory()
	o := filtering(hub.Limits{})
	o.Store = store
	everywhere(t, o, func(t *testing.T, w *world) {
		if err := w.Channel("streaming").Loaded(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.happen("create", "", "rust")
		c := w.join()
		c.with("go", "")
		c.until(`"success":true`)
		w.happen("create", "", "rust")
		store.begin("n" + strings.ToLower(t.Name()[strings.LastIndex(t.Name(), "/")+1:]))
		w.happen("create", "", "rust")
		w.happen("create", "", "go")
		if ev := c.event(); ev.name != "stream.reset" {
			t.Errorf("got %s, want stream.reset", ev.name)
		}
		for {
			if ev := c.event(); string(ev.Data) == `"go"` {
				break
			}
		}
	})
}
