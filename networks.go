package main

import (
	"strings"

	"nagare/stream"
	"nagare/stream/bluesky"
	"nagare/stream/mastodon"
	"nagare/stream/twitter"
	"nagare/stream/x"
)

// networkSettings are the flags of a social network, as text.
type networkSettings interface {
	// configure checks them, and returns what they mean for posts that are wanted.
	configure(c *checker, common sourcesConfig) sourceConfig
}

// Bluesky.

type blueskySettings struct {
	BlueskyAuthors []string `group:"networks" placeholder:"DID" help:"Show posts of these authors only. Default everybody."`
	BlueskySample  string   `group:"networks" placeholder:"SHARE" help:"Share of the posts to show, from 0.01 to 1. Default 1, or 0.03 without --track and authors."`
}

type blueskyConfig struct {
	authors []string // DIDs; empty: everybody
	sample  float64  // share of the posts; 0: all
}

// sampled is the default share of all posts of Bluesky, which are more than fifty a
// second, too many to read.
const sampled = 0.03

func (s blueskySettings) configure(c *checker, common sourcesConfig) sourceConfig {
	conf := blueskyConfig{authors: s.BlueskyAuthors}
	switch {
	case s.BlueskySample != "":
		conf.sample = c.number("bluesky-sample", s.BlueskySample, 0.01, 1, "a share from 0.01 to 1")
	case !common.wanted.tracked() && len(s.BlueskyAuthors) == 0:
		conf.sample = sampled
	}
	for _, did := range s.BlueskyAuthors {
		if !bluesky.IsDID(did) {
			c.fault("bluesky-authors", "%s, want DIDs such as did:plc:ewvi7nxzyoun6zhxrhs64oiz", shown(did))
		}
	}
	return conf
}

// build has the source filter its posts itself, before it looks up their authors.
func (c blueskyConfig) build(s shared) []stream.Source {
	return []stream.Source{stream.Buffered(stream.Bounded(c.source(s)))}
}

func (c blueskyConfig) source(s shared) *bluesky.Source {
	return &bluesky.Source{DIDs: c.authors, Sample: c.sample, Store: s.saved, Log: s.log, Filter: s.filter}
}

// Mastodon.

type mastodonSettings struct {
	MastodonServer   string `group:"networks" placeholder:"URL" help:"A server, such as https://mastodon.social."`
	MastodonToken    string `group:"networks" placeholder:"TOKEN" help:"Access token of a user there, with read:statuses."`
	MastodonTimeline string `group:"networks" placeholder:"NAME" help:"public, public:local, #tag or list:ID. Default the hashtags of --track, or public."`
}

type mastodonConfig struct {
	server    string
	token     stream.Secret
	timelines []string
}

func (s mastodonSettings) configure(c *checker, common sourcesConfig) sourceConfig {
	conf := mastodonConfig{
		server:    c.address("mastodon-server", s.MastodonServer, "a server such as https://mastodon.social"),
		token:     stream.Secret(s.MastodonToken),
		timelines: []string{s.MastodonTimeline},
	}
	if s.MastodonToken == "" {
		c.fault("mastodon-token", "not set, want a user's access token: on the server, Preferences, Development, New application, with read:statuses")
	}
	flag := "mastodon-timeline"
	if s.MastodonTimeline == "" {
		flag, conf.timelines = "track", hashtags(common.wanted.words)
	}
	for _, name := range conf.timelines {
		if !mastodon.IsTimeline(name) {
			c.fault(flag, "no timeline %s, want public, public:local, public:remote, #tag, list:ID or user", shown(name))
		}
	}
	return conf
}

// hashtags are the timelines for words that are all hashtags, or else the timeline of
// all posts.
func hashtags(words []string) []string {
	for _, word := range words {
		if !strings.HasPrefix(word, "#") {
			return []string{"public"}
		}
	}
	if len(words) == 0 {
		return []string{"public"}
	}
	return words
}

func (c mastodonConfig) build(s shared) []stream.Source {
	var out []stream.Source
	for _, name := range c.timelines {
		out = append(out, live(&mastodon.Source{
			Server: c.server, Token: c.token, Timeline: name, Store: s.saved, Log: s.log,
		}, s.filter))
	}
	return out
}

// X.

type xSettings struct {
	XToken  string   `group:"networks" placeholder:"TOKEN" help:"Bearer token of an app. X charges for each post."`
	XBudget string   `group:"networks" placeholder:"N" help:"Posts to read in a day; then it stops until the next day."`
	XRules  []string `group:"networks" sep:";" placeholder:"RULE" help:"Rules in X's query language, separated by ;. Default made of --track."`
}

type xConfig struct {
	token  stream.Secret
	budget int // posts a day
	rules  []string
}

func (s xSettings) configure(c *checker, common sourcesConfig) sourceConfig {
	conf := xConfig{token: stream.Secret(s.XToken), budget: c.count("x-budget", s.XBudget), rules: s.XRules}
	if s.XToken == "" {
		c.fault("x-token", "not set, want the bearer token of an app: developer.x.com, Projects & Apps, Keys and tokens")
	}
	if s.XBudget == "" {
		c.fault("x-budget", "not set, want the number of posts to read in a day: X charges $0.005 for each")
	}
	if common.stateDir == "" {
		c.fault("state-dir", "not set, want a directory: x keeps the count of its budget there over a restart")
	}
	if rule := xRule(common.wanted); len(conf.rules) == 0 && rule != "" {
		conf.rules = []string{rule}
	}
	if len(conf.rules) == 0 {
		c.fault("track", "not set, want words, or --x-rules: x has no stream of everything")
	}
	return conf
}

func (c xConfig) build(s shared) []stream.Source {
	return []stream.Source{live(&x.Source{
		Token: c.token, Country: s.country, Budget: c.budget, Rules: c.rules, Store: s.saved, Log: s.log,
	}, s.matched)}
}

// xRule describes the wanted posts in X's query language, so that a post that is not
// shown is not paid for either. It is empty if no words are tracked.
func xRule(w wanted) string {
	if len(w.words) == 0 {
		return ""
	}
	rule := []string{anyOf("", w.words)}
	for _, word := range w.without {
		rule = append(rule, "-"+quoted(word))
	}
	if len(w.languages) > 0 {
		rule = append(rule, anyOf("lang:", w.languages))
	}
	for _, kind := range w.leaveOut {
		rule = append(rule, map[string]string{
			reposts: "-is:retweet", replies: "-is:reply", sensitive: "", textOnly: "has:media",
		}[kind])
	}
	return strings.TrimSpace(strings.Join(rule, " "))
}

func anyOf(operator string, words []string) string {
	var terms []string
	for _, word := range words {
		terms = append(terms, operator+quoted(word))
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return "(" + strings.Join(terms, " OR ") + ")"
}

// quoted makes one term of several words.
func quoted(word string) string {
	if strings.ContainsAny(word, " :()-") {
		return `"` + strings.ReplaceAll(word, `"`, "") + `"`
	}
	return word
}

// Twitter v1.1.

type twitterSettings struct {
	ConsumerKey       string `group:"networks" placeholder:"KEY" help:"Twitter v1.1: key of the app."`
	ConsumerSecret    string `group:"networks" placeholder:"KEY" help:"Twitter v1.1: secret of the app."`
	AccessToken       string `group:"networks" placeholder:"KEY" help:"Twitter v1.1: token of the account."`
	AccessTokenSecret string `group:"networks" placeholder:"KEY" help:"Twitter v1.1: secret of the account."`
	TwitterURL        string `group:"networks" name:"twitter-url" placeholder:"URL" help:"A gateway that speaks Twitter v1.1, which X itself has shut down."`
}

type twitterConfig struct {
	consumerKey, consumerSecret, accessToken, accessSecret stream.Secret

	gateway          string // empty: Twitter's own address
	words, languages []string
}

func (s twitterSettings) configure(c *checker, common sourcesConfig) sourceConfig {
	conf := twitterConfig{
		consumerKey: stream.Secret(s.ConsumerKey), consumerSecret: stream.Secret(s.ConsumerSecret),
		accessToken: stream.Secret(s.AccessToken), accessSecret: stream.Secret(s.AccessTokenSecret),
		words: common.wanted.words, languages: common.wanted.languages,
	}
	if s.TwitterURL != "" {
		conf.gateway = c.address("twitter-url", s.TwitterURL, "a gateway such as https://gateway.example")
	}
	needed := conf.gateway == "" || s.ConsumerKey+s.ConsumerSecret+s.AccessToken+s.AccessTokenSecret != ""
	for _, key := range []struct{ flag, value string }{
		{"consumer-key", s.ConsumerKey}, {"consumer-secret", s.ConsumerSecret},
		{"access-token", s.AccessToken}, {"access-token-secret", s.AccessTokenSecret},
	} {
		if key.value == "" && needed {
			c.fault(key.flag, "not set, want all four keys")
		}
	}
	return conf
}

func (c twitterConfig) build(s shared) []stream.Source {
	return []stream.Source{live(&twitter.Source{
		ConsumerKey: c.consumerKey, ConsumerSecret: c.consumerSecret, AccessToken: c.accessToken, AccessSecret: c.accessSecret,
		Base: c.gateway, Country: s.country, Track: c.words, Sample: len(c.words) == 0, Languages: c.languages, Log: s.log,
	}, s.matched)}
}
