package web

import (
	"slices"
	"sync"
)

// networkSet is the set of networks that posts came from. It is safe for concurrent use.
type networkSet struct {
	mu  sync.Mutex
	all []string // sorted
}

func (n *networkSet) add(network string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i, found := slices.BinarySearch(n.all, network); !found {
		n.all = slices.Insert(n.all, i, network)
	}
}

func (n *networkSet) list() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.all)
}

// networks returns the networks of the posts so far and of the sources that have
// reported a state, because a source may have sent no post yet.
func (t *Timeline) networks() []string {
	all := t.seen.list()
	for _, s := range t.Sources() {
		if sourceName(s.Network) != "" {
			all = append(all, s.Network)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// networkOf returns the network of a post, or "post" for a source that isn't a network, so
// that the sender of a post can't make the set grow.
func networkOf(source string) string {
	if sourceName(source) != "" || source == replay {
		return source
	}
	return postSource
}
