package main

import (
	"nagare/stream"
	"nagare/stream/bluesky"
	"nagare/stream/mastodon"
	"nagare/stream/twitter"
	"nagare/stream/x"
	"nagare/web"

	"github.com/alecthomas/kong"
)

// networks lists all networks. To add a network, write its package and add it to this list.
var networks = []stream.Network{bluesky.Network, mastodon.Network, x.Network, twitter.Network}

func networkIDs() (ids []string) {
	for _, n := range networks {
		ids = append(ids, n.ID)
	}
	return ids
}

// flagsOf returns the names of a network's flags.
func flagsOf(n stream.Network) (names []string) {
	for _, flag := range kong.Must(n.Settings(), kong.NoDefaultHelp()).Model.Flags {
		names = append(names, flag.Name)
	}
	return names
}

// networkNames returns the display names of all networks.
func networkNames() web.Networks {
	names := web.Networks{}
	for _, n := range networks {
		names[n.ID] = n.Name
	}
	return names
}

// decoders returns the decoders for recorded messages of all networks. The country is that of the
// audience.
func decoders(country string) (all []stream.Decoder) {
	for _, n := range networks {
		all = append(all, n.Decoder(country))
	}
	return all
}
