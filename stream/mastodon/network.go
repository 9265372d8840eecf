package mastodon

import (
	"slices"
	"strings"

	"nagare/stream"
)

// Network registers Mastodon as a source of posts.
var Network = stream.Network{
	ID: "mastodon", Name: "Mastodon",
	Mark:     `<path d="M6 .6 11.4 6 6 11.4.6 6z"></path>`,
	Settings: func() stream.Settings { return new(settings) },
	Decoder:  func(string) stream.Decoder { return new(Decoder) },
}

// settings are the flags, as text.
type settings struct {
	MastodonServer   string `group:"networks" placeholder:"URL" help:"A server, such as https://mastodon.social."`
	MastodonToken    string `group:"networks" placeholder:"TOKEN" help:"Access token of a user there, with read:statuses."`
	MastodonTimeline string `group:"networks" placeholder:"NAME" help:"public, public:local, #tag or list:ID. Default the hashtags of --track, or public."`
}

// configuration holds the settings after they were checked.
type configuration struct {
	server    string
	token     stream.Secret
	timelines []string
}

// Configure checks the settings.
func (s *settings) Configure(c stream.Checks, site stream.Site) stream.Configuration {
	conf := configuration{
		server:    c.Address("mastodon-server", s.MastodonServer, "a server such as https://mastodon.social"),
		token:     c.Token("mastodon-token", s.MastodonToken),
		timelines: []string{s.MastodonTimeline},
	}
	if s.MastodonToken == "" {
		c.Fault("mastodon-token", "not set, want a user's access token: on the server, Preferences, Development, New application, with read:statuses")
	}
	flag := "mastodon-timeline"
	if s.MastodonTimeline == "" {
		flag, conf.timelines = "track", timelinesFor(site.Wanted.Words)
	}
	for _, name := range conf.timelines {
		if !isTimeline(name) {
			c.Fault(flag, "no timeline %s, want public, public:local, public:remote, #tag, list:ID or user", c.Quote(name))
		}
	}
	return conf
}

// timelinesFor returns the timelines that have posts with the tracked words: those of the
// hashtags if all words are hashtags, otherwise the public timeline.
func timelinesFor(words []string) []string {
	isWord := func(word string) bool { return !strings.HasPrefix(word, "#") }
	if len(words) == 0 || slices.ContainsFunc(words, isWord) {
		return []string{"public"}
	}
	return words
}

// Build makes a source for each timeline.
func (c configuration) Build(rt stream.Runtime) []stream.Source {
	var out []stream.Source
	for _, name := range c.timelines {
		out = append(out, stream.Queued(&Source{
			Server: c.server, Token: c.token, Timeline: name, Store: rt.Store, Log: rt.Log,
		}, rt.Filter))
	}
	return out
}
