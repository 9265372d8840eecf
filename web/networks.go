package web

import (
	"slices"
	"sync"

	"nagare/templates"
)

// Networks maps the ids of all networks to their display names. Other sources of posts have no
// display name.
type Networks map[string]string

// networkSet is the set of networks from which posts have come. It is safe for concurrent use.
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

// networks returns the networks of all posts so far, and of all sources that have reported a
// state: such a source might not have sent a post yet.
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

// of returns the network of a post. For a source that isn't a network, it returns "post", so that
// senders can't make networkSet grow by inventing sources.
func (n Networks) of(source string) string {
	if n[source] != "" || source == replay {
		return source
	}
	return postSource
}
