package redis_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/store/redis"
)

// appending appends an event in the background. The result is the event's position.
func appending(s *redis.Store, key string) <-chan hub.Position {
	result := make(chan hub.Position, 1)
	go func() {
		at, err := s.Append(context.Background(), channel, []hub.Event{post(key)})
		if err != nil {
			at = []hub.Position{{Epoch: err.Error()}}
		}
		result <- at[0]
	}()
	return result
}

// awaitFault waits until the store reports a fault that contains the text.
func awaitFault(t testing.TB, s *redis.Store, text string) {
	t.Helper()
	eventually(t, "the store reports "+text, func() bool {
		err := s.Health()
		return err != nil && strings.Contains(err.Error(), text)
	})
}

func awaitHealth(t testing.TB, s *redis.Store) {
	t.Helper()
	eventually(t, "the store is healthy", func() bool { return s.Health() == nil })
}

// temporaryFaults keep a server from taking events until they end.
var temporaryFaults = map[string]struct {
	begin, end func(*server)
	report     string
	kind       store.Kind
}{
	"OOM": {
		func(s *server) { s.do("config", "set", "maxmemory", "1mb") },
		func(s *server) { s.do("config", "set", "maxmemory", "0") }, "OOM", store.Full,
	},
	"ClientPause": {
		func(s *server) { s.do("client", "pause", 4000, "all") },
		func(*server) {}, "timeout", store.Away,
	},
	"Stopped": {
		func(s *server) { s.signal("STOP") },
		func(s *server) { s.signal("CONT") }, "timeout", store.Away,
	},
	"Killed": {
		func(s *server) { s.kill() },
		func(s *server) { s.start() }, "refused", store.Away,
	},
	"PasswordChanged": {
		func(s *server) {
			s.do("config", "set", "requirepass", "another")
			s.do("client", "kill", "type", "normal")
		},
		func(s *server) {
			s.cli.Options().Password = "another"
			s.do("auth", "another")
			s.do("config", "set", "requirepass", "")
		}, "NOAUTH", store.Unwritable,
	},
}

// During each fault an event waits; afterwards it is stored once, in the same epoch.
func TestFault_EventsWaitAndAreStoredOnce(t *testing.T) {
	for name, fault := range temporaryFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, "--appendfsync", "always", "--maxmemory-policy", "noeviction")
			n := follow(t, s.open(), newHistory())
			tip := appendAll(t, n.store, posts("a", 3)...)
			fault.begin(s)
			waiting := appending(n.store, "b")
			awaitFault(t, n.store, fault.report)
			if got := store.KindOf(n.store.Health()); got != fault.kind {
				t.Errorf("for everybody, %s", got)
			}
			if err := n.store.Health(); err != nil && strings.Contains(err.Error(), "->") {
				t.Errorf("the fault has a local port, which is another one each time: %v", err)
			}
			fault.end(s)
			at := <-waiting
			if want := (hub.Position{Epoch: tip.Epoch, Offset: 4}); at != want {
				t.Errorf("the event is at %v, want %v", at, want)
			}
			n.await(at)
			awaitHealth(t, n.store)
			if got := s.do("xlen", "{nagare}:streaming:log"); got != int64(4) {
				t.Errorf("the server has %v events, want 4", got)
			}
		})
	}
}

// The server executes a command although the client has long given up waiting for the reply. The
// client repeats it.
func TestFault_ARepeatedCommandDoesNotStoreAnEventTwice(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--enable-debug-command", "yes")
	n := follow(t, s.open(), newHistory())
	tip := appendAll(t, n.store, posts("a", 3)...)
	sleeping := make(chan error, 1)
	go func() { sleeping <- s.cli.Do(context.Background(), "debug", "sleep", 4).Err() }()
	time.Sleep(100 * time.Millisecond) // until the server sleeps
	plain := hub.Event{Name: "source", Data: []byte(`"state"`)}
	at, err := n.store.Append(t.Context(), channel, []hub.Event{plain, post("b"), plain})
	<-sleeping
	if err != nil || at[2] != (hub.Position{Epoch: tip.Epoch, Offset: 6}) {
		t.Errorf("the events are at %v, %v", at, err)
	}
	n.await(at[2])
	if got := s.do("xlen", "{nagare}:streaming:log"); got != int64(6) {
		t.Errorf("the server has %v events, want 6", got)
	}
}

func TestFault_AServerThatIsLoadingIsAwaited(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--appendfsync", "always")
	n := follow(t, s.open(), newHistory())
	tip := appendAll(t, n.store, posts("a", 3)...)
	s.do("eval", "for n = 1, 100000 do redis.call('set', 'other', n) end", 0) // 20 s of loading
	s.kill()
	s.args = append(s.args, "--key-load-delay", "200") // µs for each command in the file
	s.launch()
	waiting := appending(n.store, "b")
	awaitFault(t, n.store, "LOADING")
	s.do("config", "set", "key-load-delay", "0")
	if at := <-waiting; at != (hub.Position{Epoch: tip.Epoch, Offset: 4}) {
		t.Errorf("the event is at %v, want 4 of %s", at, tip.Epoch)
	}
}

// A server that became a replica takes no events, and can lag behind. When it becomes a primary
// again, events of the time between can be lost.
func TestFault_AReplicaIsNeitherReadNorWritten(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	n := follow(t, s.open(), newHistory())
	tip := appendAll(t, n.store, posts("a", 3)...)
	s.do("replicaof", "127.0.0.1", "1")
	awaitFault(t, n.store, "READONLY")
	waiting := appending(n.store, "b")
	s.do("replicaof", "no", "one")
	if at := <-waiting; at.Offset != 4 || at.Epoch == tip.Epoch {
		t.Errorf("the event is at %v, want 4 of a new epoch", at)
	}
	awaitHealth(t, n.store)
}

func TestFault_AKeyOfAnotherTypeIsReportedAndLeftAlone(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	n := follow(t, s.open(), newHistory())
	tip := appendAll(t, n.store, posts("a", 3)...)
	s.do("set", "{nagare}:streaming:log", "text")
	awaitFault(t, n.store, "WRONGTYPE")
	waiting := appending(n.store, "b")
	if got := s.do("get", "{nagare}:streaming:log"); got != "text" {
		t.Errorf("the key is now %v", got)
	}
	s.do("del", "{nagare}:streaming:log")
	if at := <-waiting; at.Offset != 1 || at.Epoch == tip.Epoch {
		t.Errorf("the event is at %v, want 1 of a new epoch", at)
	}
}

func TestFault_AnotherSchemaIsReportedAndLeftAlone(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.do("hset", "{nagare}:streaming:head", "schema", "3")
	n := follow(t, s.open(), newHistory())
	awaitFault(t, n.store, "SCHEMA the log has schema 3, this program knows 2")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := n.store.Append(ctx, channel, []hub.Event{post("a")}); err == nil {
		t.Error("the event was stored")
	}
	if got := fmt.Sprint(s.do("hgetall", "{nagare}:streaming:head")); got != "map[schema:3]" {
		t.Errorf("the key is now %v", got)
	}
}

func TestPrefix_KeepsSitesApart(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	a, b := s.open("?prefix=a"), s.open("?prefix=b")
	appendAll(t, a, posts("x", 3)...)
	if at := appendAll(t, b, post("x0")); at.Offset != 1 {
		t.Errorf("the first event of the other site is at %v", at)
	}
	lead(t, a).lease(t)
	lead(t, b).lease(t)
}

func TestFault_AServerThatIsDownAtTheStartIsAwaited(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.kill()
	n := follow(t, s.open(), newHistory())
	waiting := appending(n.store, "a")
	awaitFault(t, n.store, "refused")
	s.start()
	n.await(<-waiting)
	awaitHealth(t, n.store)
}

func TestNetwork_SlowOrCutDelaysEventsOnly(t *testing.T) {
	for name, f := range map[string]faults{
		"Latency":   {delay: 300 * time.Millisecond},
		"Bandwidth": {bandwidth: 1000},
		"Stalled":   {stall: true},
		"Cut":       {refuse: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			cut := startProxy(t, s.addr())
			n := follow(t, openStore(t, "redis://"+cut.addr()), newHistory())
			writer := s.open()
			n.await(appendAll(t, writer, posts("a", 5)...))
			cut.set(f)
			tip := appendAll(t, writer, posts("b", 5)...)
			if f.refuse || f.stall {
				eventually(t, "the fault is known", func() bool { return n.store.Health() != nil })
				cut.set(faults{})
			}
			n.await(tip)
			cut.set(faults{})
			if len(n.keys) != 10 || n.gaps > 0 || len(n.epochs) != 1 {
				t.Errorf("got %v, with %d gaps and %d epochs", n.keys, n.gaps, len(n.epochs))
			}
		})
	}
}

func TestConnections_AreAtMostFourForEachProcess(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	st := s.open()
	n := follow(t, st, newHistory())
	lead(t, st).lease(t)
	for i := range 50 {
		go st.Append(context.Background(), channel, []hub.Event{post(fmt.Sprint(i))})
	}
	eventually(t, "all events are stored", func() bool { return n.at().Offset == 50 })
	list := s.do("client", "list").(string)
	if got := strings.Count(list, "\n") - 1; got > 4 { // one of them is the connection of the test
		t.Errorf("%d connections:\n%s", got, list)
	}
}

func TestErase_NoKeyOfTheServerHasTheTextAfterwards(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	st := s.open()
	ev := post("a")
	ev.Data, ev.Index = []byte(`{"text":"a secret"}`), &hub.Index{Text: "a secret", State: []byte("a secret"), Time: time.Now()}
	update := ev
	update.Name, update.Once = "update", false
	appendAll(t, st, ev, update, hub.Event{Name: "destroy", Key: "a", Erase: true, Data: []byte(`{}`)})
	for _, key := range s.do("keys", "*").([]any) {
		if dump := fmt.Sprint(s.do("dump", key)); strings.Contains(dump, "secret") {
			t.Errorf("%v has the text", key)
		}
	}
}
