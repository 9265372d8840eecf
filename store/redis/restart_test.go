package redis_test

import (
	"context"
	"testing"
	"time"

	"nagare/hub"
)

func TestRestart_KeepsTheEpochIfNothingIsLost(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--appendfsync", "always") // otherwise a crash can lose what was acknowledged
	_, nodes, tip := threeNodes(t, s)
	s.kill()
	appending := make(chan hub.Position, 1)
	go func() {
		at, _ := nodes[0].store.Append(context.Background(), channel, []hub.Event{post("b")})
		appending <- at[0]
	}()
	eventually(t, "the fault is known", func() bool { return nodes[0].store.Health() != nil })
	s.start()
	at := <-appending
	if want := (hub.Position{Epoch: tip.Epoch, Offset: 6}); at != want {
		t.Errorf("the next event is at %v, want %v", at, want)
	}
	for _, n := range nodes {
		n.await(at)
		if len(n.keys) != 6 || n.gaps > 0 {
			t.Errorf("a node has %v, with %d gaps", n.keys, n.gaps)
		}
	}
	eventually(t, "the fault is gone", func() bool { return nodes[0].store.Health() == nil })
}

// The server restarts with a snapshot that lacks the newest events. A process that has seen none of
// them appends first, and must not give their offsets to other events.
func TestRestart_WithoutTheNewestEventsBeginsANewEpoch(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--appendonly", "no")
	_, nodes, _ := threeNodes(t, s)
	s.do("save")
	lost := appendAll(t, nodes[0].store, posts("lost", 5)...)
	for _, n := range nodes {
		n.await(lost)
	}
	s.kill()
	s.start()
	at := appendAll(t, s.open(), post("b"))
	if at.Epoch == lost.Epoch {
		t.Errorf("the next event is at %v, an earlier one was at %v", at, lost)
	}
	if got := oneNewEpoch(t, nodes, lost.Epoch); got != at.Epoch {
		t.Errorf("the nodes have the epoch %s, want %s", got, at.Epoch)
	}
	for _, n := range nodes {
		n.await(at)
		if len(n.keys) != 6 {
			t.Errorf("a node has %v, want what the snapshot has, and the new event", n.keys)
		}
	}
}

// The server and all processes die at the same time, and the server restarts without its newest events.
// No process is left that has seen them, and the first one that comes has seen nothing.
func TestRestart_OfTheServerAndAllProcessesReusesNoPosition(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--appendonly", "no")
	first := s.open()
	appendAll(t, first, posts("a", 5)...)
	s.do("save")
	lost := appendAll(t, first, posts("b", 4)...)
	s.kill()
	first.Close()
	s.start()
	h := newHistory()
	n := follow(t, s.open(), h) // what a process reads after the restart confirms nothing
	at := appendAll(t, n.store, posts("c", 4)...)
	if at.Epoch == lost.Epoch {
		t.Errorf("events after the restart are at %v, the lost ones at %v", at, lost)
	}
	n.await(at)
	if len(n.keys) != 9 || len(n.epochs) != 1 {
		t.Errorf("a process has %v in %d epochs, want 9 events in one epoch", n.keys, len(n.epochs))
	}
}

// The server restarts, and its append-only file lacks the newest events, as after a power failure. Nothing
// in the server tells that. A process that has seen none of these events appends first, and has to wait
// until the others have compared what they have seen.
func TestRestart_AppendsWaitUntilAllProcessesHaveComparedWhatTheyHaveSeen(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--appendfsync", "always")
	cut := startProxy(t, s.addr())
	n := follow(t, openStore(t, "redis://"+cut.addr()), newHistory())
	n.await(appendAll(t, n.store, posts("a", 5)...))
	forget := s.forgetLater()
	lost := appendAll(t, n.store, posts("lost", 5)...)
	n.await(lost)
	cut.set(faults{refuse: true})
	s.kill()
	forget()
	s.start()
	waiting := appending(s.open(), "b")
	time.Sleep(time.Second) // less than the server lets events wait
	cut.set(faults{})
	if at := <-waiting; at.Epoch == lost.Epoch || at.Offset != 6 {
		t.Errorf("the next event is at %v, a lost one was at %v", at, lost)
	}
}

// A process was away while the server restarted without its newest events and got others: another
// process, which had not seen the lost ones, has confirmed an earlier event as the newest. The position
// of the first process is in the log again, but with another event.
func TestRestart_ANodeThatWasAwayTellsItsEventsFromOthersAtTheSamePositions(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--appendfsync", "always")
	cutA, cutB := startProxy(t, s.addr()), startProxy(t, s.addr())
	a, b := follow(t, openStore(t, "redis://"+cutA.addr()), newHistory()), follow(t, openStore(t, "redis://"+cutB.addr()), newHistory())
	b.await(appendAll(t, a.store, posts("a", 5)...))
	forget := s.forgetLater()
	cutB.set(faults{refuse: true})
	seen := appendAll(t, a.store, posts("lost", 5)...)
	a.await(seen)
	cutA.set(faults{refuse: true})
	s.kill()
	forget()
	s.start()
	cutB.set(faults{})
	other := appendAll(t, b.store, posts("b", 10)...)
	if other.Epoch != seen.Epoch {
		t.Fatalf("the test expects that the restart alone begins no epoch: %v", other)
	}
	cutA.set(faults{})
	a.awaitEpoch(seen.Epoch)
}
