package main

import (
	"nagare/stream"
	"nagare/stream/networks"

	"github.com/alecthomas/kong"
)

func networkIDs() (ids []string) {
	for _, n := range networks.All {
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
