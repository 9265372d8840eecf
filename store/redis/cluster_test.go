package redis_test

import (
	"strings"
	"testing"
)

// Two nodes share the slots of a cluster. All keys of a store are in one slot, so each script runs on one
// node; the address names only the other one.
func TestCluster_KeepsAStoreOnOneNode(t *testing.T) {
	t.Parallel()
	a, b := startServer(t, "--cluster-enabled", "yes"), startServer(t, "--cluster-enabled", "yes")
	a.do("cluster", "addslotsrange", 0, 8191)
	b.do("cluster", "addslotsrange", 8192, 16383)
	a.do("cluster", "meet", "127.0.0.1", b.port)
	for _, s := range []*server{a, b} {
		eventually(t, "the cluster is up", func() bool {
			return strings.Contains(s.do("cluster", "info").(string), "cluster_state:ok")
		})
	}
	for _, s := range []*server{a, b} {
		n := follow(t, openStore(t, s.url()+"?addr="+s.addr()), newHistory())
		at := appendAll(t, n.store, posts("to "+s.port, 3)...)
		n.await(at)
		if err := n.store.Put(t.Context(), "cursor", "1"); err != nil {
			t.Error(err)
		}
	}
	lead(t, openStore(t, a.url()+"?addr="+a.addr())).lease(t)
}
