package stream

import "log/slog"

// Network is a social network that posts can be read from. Each network's package has
// one value, and package main lists them.
type Network struct {
	ID   string // its value of --source, and the Source of its posts
	Name string // for readers

	// Settings makes an empty set of its flags.
	Settings func() Settings

	// Decoder makes a decoder of its recorded messages, as they are shown in a country
	// (ISO 3166; empty: unknown).
	Decoder func(country string) Decoder
}

// Settings are the flags of a network, as text: a pointer to a struct whose fields have
// the tags of github.com/alecthomas/kong. Package main fills them in.
type Settings interface {
	// Configure reads the settings, and notes everything that is wrong with them to c.
	Configure(c Checks, site Site) Configuration
}

// Site is what a network has to know of the rest of the configuration.
type Site struct {
	Wanted   Wanted
	StateDir string // empty: nothing is remembered over a restart
}

// Configuration is the plain data of a network's settings.
type Configuration interface {
	// Build makes the sources, which may be several.
	Build(rt Runtime) []Source
}

// Runtime is what all sources of a run have in common.
type Runtime struct {
	Log     *slog.Logger
	Store   *Store
	Country string // of the audience, by ISO 3166; empty: unknown
	Filter  *Filter

	// Matched is the Filter for a network that matches the words itself, by rules of its
	// own: it may find a word also in the address of a link.
	Matched *Filter
}

// Checks reads the values of settings. It notes what is wrong under the flag's name.
type Checks interface {
	// Fault notes what is wrong with a setting, and what is wanted.
	Fault(flag, format string, args ...any)
	// Quote quotes a value for a message, without what may be secret in it.
	Quote(value string) string
	// Number reads a number from least to most.
	Number(flag, s string, least, most float64, wanted string) float64
	// Count reads a number above 0; 0 if there is none.
	Count(flag, s string) int
	// Address reads the address of a server, without a path.
	Address(flag, s, wanted string) string
}

// Queued is src with bounded posts, filtered, and behind a queue: a network never waits
// for the site.
func Queued(src Source, f *Filter) Source { return Buffered(Filtered(Bounded(src), f)) }
