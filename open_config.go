package main

import (
	"slices"
	"strings"

	"nagare/stream/networks"
	"nagare/web"
)

// openData reads --open-data.
func (c *checker) openData(values []string) web.OpenData {
	values = split(strings.Join(values, ","))
	switch strings.Join(values, ",") {
	case "on":
		return func(source string) bool { return !slices.Contains(reserved(), source) }
	case "all":
		return func(string) bool { return true }
	case "off":
		return nil
	}
	sources := []string{"post", replayID}
	for _, n := range networks.All {
		sources = append(sources, n.ID)
	}
	wanted := "want on, all or off, or sources of " + strings.Join(sources, ", ")
	if len(values) == 0 {
		c.Fault("open-data", "nothing in it, %s", wanted)
	}
	for _, value := range values {
		if !slices.Contains(sources, value) {
			c.Fault("open-data", "%s, %s", shown(value), wanted)
		}
	}
	return func(source string) bool { return slices.Contains(values, source) }
}

// reserved lists the networks whose terms forbid passing posts on.
func reserved() (ids []string) {
	for _, n := range networks.All {
		if n.Reserved {
			ids = append(ids, n.ID)
		}
	}
	return ids
}
