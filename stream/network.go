package stream

import "log/slog"

// Network is a social network that posts can be read from. The package of each network has one
// Network value, and package networks lists these values.
type Network struct {
	ID   string // the value of --source for the network, and Post.Source of its posts
	Name string // shown to visitors

	// Mark is the icon of the network: SVG shapes in a square of 12 by 12, in currentColor.
	Mark string

	// Reserved means that the network's terms forbid passing its posts on to other sites and
	// programs.
	Reserved bool

	// Settings makes empty settings of the network.
	Settings func() Settings

	// Decoder makes a decoder of recorded messages of the network, for an audience in country
	// (ISO 3166; empty: unknown).
	Decoder func(country string) Decoder
}

// Settings are the flags of a network, as text: a pointer to a struct whose fields have the
// tags of github.com/alecthomas/kong. Package main fills in the fields.
type Settings interface {
	// Configure parses the settings, and reports everything that is wrong with them to c.
	Configure(c Checks, site Site) Configuration
}

// Site is the part of the site's configuration that networks need.
type Site struct {
	Wanted  Wanted
	Durable bool // the store of the site survives a restart
}

// Configuration is a network's settings after parsing.
type Configuration interface {
	// Build makes the sources, one or several.
	Build(rt Runtime) []Source
}

// Runtime is what all sources of a run of the program have in common.
type Runtime struct {
	Log     *slog.Logger
	Store   Store
	Country string // of the audience, by ISO 3166; empty: unknown
	Filter  *Filter

	// Matched is used instead of Filter for a network that selects posts by the wanted words
	// itself. It doesn't require the words again: the network can find a word where Filter
	// would not, for example in the address of a link.
	Matched *Filter

	Lookups *Lookups // counts the requests of all sources for authors and posts
}

// Checks parses the values of settings, and collects what is wrong with each flag.
type Checks interface {
	// Fault reports that the value of a flag is wrong. The message says which value is wanted.
	Fault(flag, format string, args ...any)
	// Quote quotes a value for a message, without the parts that could be secret.
	Quote(value string) string
	// Number parses s, a number between least and most.
	Number(flag, s string, least, most float64, wanted string) float64
	// Count parses s, a whole number above 0. It returns 0 if s is empty.
	Count(flag, s string) int
	// Address parses s, the address of a server without a path.
	Address(flag, s, wanted string) string
	// BaseURL parses s, the base address of an API, which can have a path. The address that it
	// returns doesn't end in a slash.
	BaseURL(flag, s, wanted string) string
	// Token reads a token or a key, which can be empty.
	Token(flag, s string) Secret
}

// Queued bounds the posts of src, filters them with f, and puts a queue behind the filter, so
// that a slow site doesn't hold up the network.
func Queued(src Source, f *Filter) Source { return Buffered(Filtered(Bounded(src), f)) }
