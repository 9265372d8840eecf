package web

import (
	"slices"
	"sync"

	"nagare/templates"
)

// Networks are the display names of all networks, by their ids. Any other source of a post
// has no name.
type Networks map[string]string

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
func (t *Timeline) networks() []templates.Network {
	all := t.seen.list()
	for _, s := range t.Sources() {
		if t.publisher.networks[s.Network] != "" {
			all = append(all, s.Network)
		}
	}
	slices.Sort(all)
	var named []templates.Network
	for _, id := range slices.Compact(all) {
		named = append(named, templates.Network{ID: id, Name: t.publisher.networks[id]})
	}
	return named
}

// of returns the network of a post, or "post" for a source that isn't a network, so
// that the sender of a post can't make the set grow.
func (n Networks) of(source string) string {
	if n[source] != "" || source == replay {
		return source
	}
	return postSource
}
