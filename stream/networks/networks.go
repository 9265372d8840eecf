// Package networks lists the networks that posts can be read from. The packages of the networks
// don't know each other or this list, except that twitter uses conventions of x.
package networks

import (
	"nagare/stream"
	"nagare/stream/bluesky"
	"nagare/stream/mastodon"
	"nagare/stream/twitter"
	"nagare/stream/x"
)

// All are all networks. To add a network, write its package and add a line here.
var All = []stream.Network{
	bluesky.Network,
	mastodon.Network,
	x.Network,
	twitter.Network,
}

// Decoders returns the decoders for recorded messages of all networks. The country is that of the
// audience; it is empty if unknown.
func Decoders(country string) (all []stream.Decoder) {
	for _, n := range All {
		all = append(all, n.Decoder(country))
	}
	return all
}
