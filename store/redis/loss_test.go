package redis_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store/redis"
)

// threeNodes starts a server with some events that three nodes follow.
func threeNodes(t *testing.T, s *server) (h *history, nodes []*node, tip hub.Position) {
	t.Helper()
	h = newHistory()
	for range 3 {
		nodes = append(nodes, follow(t, s.open(), h))
	}
	tip = appendAll(t, nodes[0].store, posts("a", 5)...)
	for _, n := range nodes {
		n.await(tip)
	}
	return h, nodes, tip
}

// oneNewEpoch waits until all nodes have the same new epoch.
func oneNewEpoch(t *testing.T, nodes []*node, old string) (epoch string) {
	t.Helper()
	for i, n := range nodes {
		if got := n.awaitEpoch(old); i > 0 && got != epoch {
			t.Errorf("node %d has the epoch %s, another one has %s", i, got, epoch)
		} else {
			epoch = got
		}
	}
	if !(epoch > old) {
		t.Errorf("the epoch %s is not after %s", epoch, old)
	}
	return epoch
}

func TestFlush_GivesAllNodesOneNewEpochWithinFourSeconds(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	_, nodes, tip := threeNodes(t, s)
	s.do("flushall")
	flushed := time.Now()
	epoch := oneNewEpoch(t, nodes, tip.Epoch)
	if took := time.Since(flushed); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
	if at := appendAll(t, nodes[1].store, post("b")); at != (hub.Position{Epoch: epoch, Offset: 1}) {
		t.Errorf("the next event is at %v", at)
	}
}

func TestFlush_UnderLoadReusesNoPosition(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	_, nodes, tip := threeNodes(t, s)
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	for w, n := range nodes {
		load.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				n.store.Append(ctx, channel, []hub.Event{post(fmt.Sprint(w, " ", i))})
			}
		})
	}
	for range 3 {
		time.Sleep(300 * time.Millisecond) // load between two flushes
		s.do("flushall")
	}
	stop()
	load.Wait()
	oneNewEpoch(t, nodes[:1], tip.Epoch)
	last := appendAll(t, nodes[0].store, post("last"))
	for _, n := range nodes {
		n.await(last) // history has verified that no position has two contents
		if epochs := len(n.epochs); epochs < 2 || epochs > 4 {
			t.Errorf("a node has seen %d epochs", epochs)
		}
	}
}

func TestEviction_OfAnyKeyBeginsANewEpoch(t *testing.T) {
	for key, kept := range map[string]int{"log": 0, "head": 5, "data": 0} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			_, nodes, tip := threeNodes(t, s)
			s.do("del", "{nagare}:streaming:"+key)
			epoch := oneNewEpoch(t, nodes, tip.Epoch)
			at := appendAll(t, nodes[2].store, post("b"))
			if want := (hub.Position{Epoch: epoch, Offset: uint64(kept) + 1}); at != want {
				t.Errorf("the next event is at %v, want %v", at, want)
			}
			for _, n := range nodes {
				n.await(at)
				if len(n.keys) != kept+1 {
					t.Errorf("a node has %v", n.keys)
				}
			}
		})
	}
}

// The epoch of a server whose clock was set back is still after the earlier one.
func TestEpoch_IsAfterTheEarlierOneAlthoughTheClockWentBack(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	future := "99999999999999"
	s.do("hset", "{nagare}:streaming:head", "schema", "1", "epoch", future, "offset", "0", "nonce", "", "ids", "0")
	_, nodes, tip := threeNodes(t, s)
	s.do("flushall")
	epoch := oneNewEpoch(t, nodes, tip.Epoch)
	tip = appendAll(t, nodes[0].store, post("a"))
	for _, n := range nodes {
		n.await(tip)
	}
	s.do("hset", "{nagare}:streaming:head", "hold", future) // as after a restart that was a day ahead
	if at := appendAll(t, nodes[0].store, post("b")); at.Epoch != epoch {
		t.Errorf("the next event is at %v, want the epoch %s", at, epoch)
	}
}

// The reconciler asks for deleted posts by each of their ids, however old the deletion is.
func TestTrim_ADroppedTombstoneIsKnownByAllItsNames(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	small, err := redis.Open(s.url(), redis.Options{Log: quiet, Keep: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	names := []string{"a", "version 2 of a"}
	appendAll(t, small, post("a"), hub.Event{Name: "destroy", Key: "a", Erase: true, Index: &hub.Index{Names: names}, Data: []byte("{}")})
	appendAll(t, small, posts("b", 30)...)
	for _, name := range names {
		records, err := small.Find(t.Context(), channel, name)
		if err != nil || len(records) != 1 || records[0].Key != "a" || !records[0].Erased || !slices.Equal(records[0].Index.Names, names) {
			t.Errorf("%s: got %+v, %v", name, records, err)
		}
	}
	again := post("a")
	if at := appendAll(t, small, again); at.Offset != 1 {
		t.Errorf("the deleted post is stored again, at %v", at)
	}
}

// A deletion that is lost with the newest events of a server is repeated, so that the deleted text is
// not shown again.
func TestLoss_OfADeletionIsRepaired(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--appendonly", "no")
	_, nodes, _ := threeNodes(t, s)
	s.do("save")
	erase := hub.Event{Name: "destroy", Key: "a2", Erase: true, Data: []byte(`{"id":"a2"}`)}
	lost := appendAll(t, nodes[0].store, erase)
	for _, n := range nodes {
		n.await(lost)
	}
	s.kill()
	s.start()
	oneNewEpoch(t, nodes, lost.Epoch)
	eventually(t, "the post is deleted again", func() bool {
		records, err := nodes[1].store.Find(t.Context(), channel, "a2")
		return err == nil && len(records) == 1 && records[0].Erased
	})
}

func TestTrim_ANodeThatWasAwayTooLongMissesEventsAndContinues(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	small, err := redis.Open(s.url(), redis.Options{Log: quiet, Keep: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	cut := startProxy(t, s.addr())
	n := follow(t, openStore(t, "redis://"+cut.addr()), newHistory())
	n.await(appendAll(t, small, posts("a", 5)...))
	cut.set(faults{refuse: true})
	tip := appendAll(t, small, posts("b", 30)...)
	cut.set(faults{})
	n.await(tip)
	if n.gaps != 1 || len(n.epochs) != 1 {
		t.Errorf("%d gaps and %d epochs, want one each", n.gaps, len(n.epochs))
	}
	if size := s.do("xlen", "{nagare}:streaming:log"); size != int64(10) {
		t.Errorf("the server keeps %v events, want 10", size)
	}
	if size := s.do("hlen", "{nagare}:streaming:data"); size != int64(20) {
		t.Errorf("the server keeps %v fields, want two for each of 10 events", size)
	}
}
