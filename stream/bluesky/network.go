package bluesky

import "nagare/stream"

// Network registers Bluesky as a source of posts.
var Network = stream.Network{
	ID: "bluesky", Name: "Bluesky",
	Mark:     `<circle cx="6" cy="6" r="4.5"></circle>`,
	Settings: func() stream.Settings { return new(settings) },
	Decoder:  func(string) stream.Decoder { return Decoder{} },
}

// settings are the flags, as text.
type settings struct {
	BlueskyAuthors []string `group:"networks" placeholder:"DID" help:"Show posts of these authors only. Default everybody."`
	BlueskySample  string   `group:"networks" placeholder:"SHARE" help:"Share of the posts to show, from 0.01 to 1. Default 1, or 0.03 without --track and authors."`
}

// configuration holds the settings after they were read and checked.
type configuration struct {
	authors []string // DIDs; empty: everybody
	sample  float64  // share of the posts; 0: all
}

// defaultSample is the share of all posts that is shown if none is configured. All posts would
// be more than fifty a second, too many to read.
const defaultSample = 0.03

// Configure reads the settings.
func (s *settings) Configure(c stream.Checks, site stream.Site) stream.Configuration {
	conf := configuration{authors: s.BlueskyAuthors}
	switch {
	case s.BlueskySample != "":
		conf.sample = c.Number("bluesky-sample", s.BlueskySample, 0.01, 1, "a share from 0.01 to 1")
	case !site.Wanted.Tracks() && len(s.BlueskyAuthors) == 0:
		conf.sample = defaultSample
	}
	for _, did := range s.BlueskyAuthors {
		if !isDID(did) {
			c.Fault("bluesky-authors", "%s, want DIDs such as did:plc:ewvi7nxzyoun6zhxrhs64oiz", c.Quote(did))
		}
	}
	return conf
}

// Build makes the source. It gives the filter to the source, which applies it before it looks
// up authors.
func (c configuration) Build(rt stream.Runtime) []stream.Source {
	return []stream.Source{stream.Queued(c.source(rt), nil)}
}

func (c configuration) source(rt stream.Runtime) *Source {
	return &Source{DIDs: c.authors, Sample: c.sample, Store: rt.Store, Log: rt.Log, Filter: rt.Filter, Counts: rt.Lookups}
}
