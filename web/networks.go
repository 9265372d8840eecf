package web

import (
	"slices"
	"sync"

	"nagare/stream"
	"nagare/templates"
)

// networkList are all networks that posts can be from.
type networkList []stream.Network

// get returns the network with that id. It returns a network without a name for other sources of
// posts.
func (n networkList) get(id string) stream.Network {
	for _, network := range n {
		if network.ID == id {
			return network
		}
	}
	return stream.Network{ID: id}
}

// of returns the network of a post. For a source that isn't a network, it returns "post", so that
// senders can't make networkSet grow by inventing sources.
func (n networkList) of(source string) string {
	if n.get(source).Name != "" || source == replay {
		return source
	}
	return postSource
}

// labels returns the networks as the page shows them.
func (n networkList) labels() (all []templates.Network) {
	for _, network := range n {
		all = append(all, label(network))
	}
	return all
}

func label(n stream.Network) templates.Network {
	return templates.Network{ID: n.ID, Name: n.Name, Mark: n.Mark}
}

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
func (t *Timeline) networks() (named []templates.Network) {
	all := t.seen.list()
	for _, s := range t.Sources() {
		if t.publisher.networks.get(s.Network).Name != "" {
			all = append(all, s.Network)
		}
	}
	slices.Sort(all)
	for _, id := range slices.Compact(all) {
		named = append(named, label(t.publisher.networks.get(id)))
	}
	return named
}
