package redis_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"nagare/hub"
)

// startSentinel runs a sentinel that watches a server, and returns the address of a store behind it.
func startSentinel(t *testing.T, primary *server) (url string) {
	t.Helper()
	port, dir := freePort(t), t.TempDir()
	file := filepath.Join(dir, "sentinel.conf")
	config := fmt.Sprintf("port "+port+"\nsentinel monitor main 127.0.0.1 %s 1\nsentinel down-after-milliseconds main 500\n"+
		"sentinel failover-timeout main 3000\n", primary.port)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s := run(t, port, dir, []string{file, "--sentinel"})
	eventually(t, "the sentinel knows the replica", func() bool {
		replicas, _ := s.cli.Do(t.Context(), "sentinel", "replicas", "main").Slice()
		return len(replicas) == 1
	})
	return "redis://" + s.addr() + "/0?master_name=main"
}

// The primary is separated from its replica, takes more events, and dies. The replica that takes over
// lacks these events.
func TestFailover_ToAReplicaThatLagsBehindBeginsANewEpoch(t *testing.T) {
	t.Parallel()
	primary, replica := startServer(t), startServer(t)
	replica.do("replicaof", "127.0.0.1", primary.port)
	url := startSentinel(t, primary)

	h := newHistory()
	var nodes []*node
	for range 3 {
		nodes = append(nodes, follow(t, openStore(t, url), h))
	}
	appendAll(t, nodes[0].store, posts("a", 5)...)
	eventually(t, "the replica has the events", func() bool {
		return replica.do("xlen", "{nagare}:streaming:log") == int64(5)
	})
	primary.do("acl", "setuser", "default", "-psync", "-sync") // a proxy is no use: the sentinel would correct the address
	primary.do("client", "kill", "type", "replica")
	tip := appendAll(t, nodes[1].store, posts("lost", 5)...)
	nodes[2].await(tip)
	primary.kill()

	epoch := oneNewEpoch(t, nodes, tip.Epoch)
	at := appendAll(t, openStore(t, url), post("b"))
	if at != (hub.Position{Epoch: epoch, Offset: 6}) {
		t.Errorf("the next event is at %v, want 6 of %s", at, epoch)
	}
	for _, n := range nodes {
		n.await(at)
	}
}

// No process is left that has seen the events that the replica lacks.
func TestFailover_BeginsANewEpochEvenIfNoProcessKnowsWhatIsLost(t *testing.T) {
	t.Parallel()
	primary, replica := startServer(t), startServer(t)
	replica.do("replicaof", "127.0.0.1", primary.port)
	writer := primary.open()
	appendAll(t, writer, posts("a", 5)...)
	eventually(t, "the replica has the events", func() bool {
		return replica.do("xlen", "{nagare}:streaming:log") == int64(5)
	})
	primary.do("acl", "setuser", "default", "-psync", "-sync")
	primary.do("client", "kill", "type", "replica")
	lost := appendAll(t, writer, posts("lost", 5)...)
	primary.kill()
	replica.do("replicaof", "no", "one")
	if at := appendAll(t, replica.open(), post("b")); at.Epoch == lost.Epoch || at.Offset != 6 {
		t.Errorf("the next event is at %v, a lost one was at %v", at, lost)
	}
}
