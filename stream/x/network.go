package x

import "nagare/stream"

// Network registers X as a source of posts.
var Network = stream.Network{
	ID: "x", Name: "X", Reserved: true,
	Mark:     `<path d="M2 2l8 8M10 2l-8 8" fill="none" stroke="currentColor" stroke-width="2.4"></path>`,
	Settings: func() stream.Settings { return new(settings) },
	Decoder:  func(country string) stream.Decoder { return Decoder{Country: country} },
}

// settings are the flags, as text.
type settings struct {
	XToken  string   `group:"networks" placeholder:"TOKEN" help:"Bearer token of an app. X charges for each post."`
	XBudget string   `group:"networks" placeholder:"N" help:"Posts to read in a day; then it stops until the next day."`
	XPrice  string   `group:"networks" placeholder:"USD" help:"What X charges for a post, for the sources panel. Default 0.005."`
	XRules  []string `group:"networks" sep:";" placeholder:"RULE" help:"Rules in X's query language, separated by ;. Default made of --track."`
}

// listPrice is what X charges for a post, in US dollars.
const listPrice = 0.005

// configuration holds the settings after they were read and checked.
type configuration struct {
	token  stream.Secret
	budget int // posts that may be read in a day
	price  float64
	rules  []string
}

// Configure reads the settings.
func (s *settings) Configure(c stream.Checks, site stream.Site) stream.Configuration {
	conf := configuration{token: c.Token("x-token", s.XToken), budget: c.Count("x-budget", s.XBudget), price: listPrice, rules: s.XRules}
	if s.XPrice != "" {
		conf.price = c.Number("x-price", s.XPrice, 0, 100, "US dollars for a post, from 0 to 100")
	}
	if s.XToken == "" {
		c.Fault("x-token", "not set, want the bearer token of an app: developer.x.com, Projects & Apps, Keys and tokens")
	}
	if s.XBudget == "" {
		c.Fault("x-budget", "not set, want the number of posts to read in a day: X charges $0.005 for each")
	}
	if !site.Durable {
		c.Fault("store", "memory, want a file or redis://…: x keeps the count of its budget there over a restart")
	}
	if len(conf.rules) > 0 && len((&Source{Rules: conf.rules}).wanted()) == 0 {
		c.Fault("x-rules", "no rule in it, want rules such as \"#golang lang:en\", separated by ;")
	}
	if rule := ruleFor(site.Wanted); len(conf.rules) == 0 && rule != "" {
		conf.rules = []string{rule}
	}
	if len(conf.rules) == 0 {
		c.Fault("track", "not set, want words, or --x-rules: x has no stream of everything")
	}
	return conf
}

// Build makes the source.
func (c configuration) Build(rt stream.Runtime) []stream.Source {
	return []stream.Source{stream.Queued(&Source{
		Token: c.token, Country: rt.Country, Budget: c.budget, Price: c.price, Rules: c.rules, Store: rt.Store, Log: rt.Log,
	}, rt.Matched)}
}
