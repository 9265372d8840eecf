package twitter

import (
	"nagare/stream"
	"nagare/stream/x"
)

// Network registers Twitter's API v1.1 as a source of posts.
var Network = stream.Network{
	ID: "twitter", Name: "Twitter", Reserved: true,
	Mark:     x.Network.Mark,
	Settings: func() stream.Settings { return new(settings) },
	Decoder:  func(country string) stream.Decoder { return &Decoder{Country: country} },
}

// settings are the flags, as text.
type settings struct {
	ConsumerKey       string `group:"networks" placeholder:"KEY" help:"Twitter v1.1: key of the app."`
	ConsumerSecret    string `group:"networks" placeholder:"KEY" help:"Twitter v1.1: secret of the app."`
	AccessToken       string `group:"networks" placeholder:"KEY" help:"Twitter v1.1: token of the account."`
	AccessTokenSecret string `group:"networks" placeholder:"KEY" help:"Twitter v1.1: secret of the account."`
	TwitterURL        string `group:"networks" name:"twitter-url" placeholder:"URL" help:"A gateway that speaks Twitter v1.1, which X itself has shut down."`
}

// configuration holds the settings after they were read and checked.
type configuration struct {
	consumerKey, consumerSecret, accessToken, accessSecret stream.Secret

	gateway          string // base address of a gateway; empty: X's own address is used
	words, languages []string
}

// Configure reads the settings.
func (s *settings) Configure(c stream.Checks, site stream.Site) stream.Configuration {
	conf := configuration{
		consumerKey: c.Token("consumer-key", s.ConsumerKey), consumerSecret: c.Token("consumer-secret", s.ConsumerSecret),
		accessToken: c.Token("access-token", s.AccessToken), accessSecret: c.Token("access-token-secret", s.AccessTokenSecret),
		words: site.Wanted.Words, languages: site.Wanted.Languages,
	}
	if s.TwitterURL != "" {
		conf.gateway = c.BaseURL("twitter-url", s.TwitterURL, "a gateway such as https://gateway.example")
	}
	needed := conf.gateway == "" || s.ConsumerKey+s.ConsumerSecret+s.AccessToken+s.AccessTokenSecret != ""
	for _, key := range []struct{ flag, value string }{
		{"consumer-key", s.ConsumerKey}, {"consumer-secret", s.ConsumerSecret},
		{"access-token", s.AccessToken}, {"access-token-secret", s.AccessTokenSecret},
	} {
		if key.value == "" && needed {
			c.Fault(key.flag, "not set, want all four keys")
		}
	}
	return conf
}

// Build makes the source. If no words are tracked, the source reads a sample of all posts.
func (c configuration) Build(rt stream.Runtime) []stream.Source {
	return []stream.Source{stream.Queued(&Source{
		ConsumerKey: c.consumerKey, ConsumerSecret: c.consumerSecret, AccessToken: c.accessToken, AccessSecret: c.accessSecret,
		Base: c.gateway, Country: rt.Country, Track: c.words, Sample: len(c.words) == 0, Languages: c.languages, Log: rt.Log,
	}, rt.Matched)}
}
