package main

import (
	"net/url"
	"strings"

	"nagare/stream"
)

// sampled is the share of Bluesky that is shown if nothing was said: all of it is
// more than fifty posts a second, which nobody reads.
const sampled = 0.03

func (c *checker) bluesky(s settings) *stream.Bluesky {
	share := c.share("bluesky-sample", s.BlueskySample, 0.01, 1, "a share from 0.01 to 1")
	if share == 0 && s.Track == "" && len(s.BlueskyAuthors) == 0 {
		share = sampled
	}
	for _, did := range s.BlueskyAuthors {
		if !stream.IsDID(did) {
			c.fault("bluesky-authors", "%q, want DIDs such as did:plc:ewvi7nxzyoun6zhxrhs64oiz", did)
		}
	}
	return &stream.Bluesky{DIDs: s.BlueskyAuthors, Sample: share}
}

// mastodon is one stream or, if nothing but hashtags is tracked, one for each.
func (c *checker) mastodon(s settings) []*stream.Mastodon {
	server := c.address("mastodon-server", s.MastodonServer, "a server such as https://mastodon.social")
	if s.MastodonToken == "" {
		c.fault("mastodon-token", "not set, want a user's access token: on the server, Preferences, Development, New application, with read:statuses")
	}
	flag, timelines := "mastodon-timeline", []string{s.MastodonTimeline}
	if s.MastodonTimeline == "" {
		flag, timelines = "track", tags(s.Track)
	}
	var out []*stream.Mastodon
	for _, name := range timelines {
		if !stream.IsTimeline(name) {
			c.fault(flag, "no timeline %q, want public, public:local, public:remote, #tag, list:ID or user", name)
		}
		out = append(out, &stream.Mastodon{Server: server, Token: stream.Secret(s.MastodonToken), Timeline: name})
	}
	return out
}

// tags are the words of a list that is made of hashtags, or else the one stream
// that has everything.
func tags(track string) []string {
	words, _, err := stream.ParseWords(track)
	for _, word := range words {
		if !strings.HasPrefix(word, "#") {
			return []string{"public"}
		}
	}
	if err != nil || len(words) == 0 {
		return []string{"public"}
	}
	return words
}

func (c *checker) x(s settings, country string) *stream.X {
	if s.XToken == "" {
		c.fault("x-token", "not set, want the bearer token of an app: developer.x.com, Projects & Apps, Keys and tokens")
	}
	if s.XBudget == "" {
		c.fault("x-budget", "not set, want how many posts may be read in a day: X charges $0.005 for each")
	}
	if s.StateDir == "" {
		c.fault("state-dir", "not set, want a directory: x counts its budget there over a restart")
	}
	rules := s.XRules
	if rule := xRule(s); len(rules) == 0 && rule != "" {
		rules = []string{rule}
	}
	if len(rules) == 0 {
		c.fault("track", "not set, want words, or --x-rules: x has no stream of everything")
	}
	return &stream.X{Token: stream.Secret(s.XToken), Country: country, Budget: c.count("x-budget", s.XBudget), Rules: rules}
}

// xRule says in X's language what is tracked and what is left out, so that what is
// not shown isn't paid for either; "" if nothing is tracked.
func xRule(s settings) string {
	words, without, err := stream.ParseWords(s.Track)
	if err != nil || len(words) == 0 {
		return ""
	}
	rule := []string{anyOf("", words)}
	for _, word := range without {
		rule = append(rule, "-"+quoted(word))
	}
	if len(s.Languages) > 0 {
		rule = append(rule, anyOf("lang:", s.Languages))
	}
	for _, kind := range s.Leave {
		rule = append(rule, map[string]string{
			"reposts": "-is:retweet", "replies": "-is:reply", "sensitive": "", "textonly": "has:media",
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

func (c *checker) twitter(s settings, country string) *stream.Twitter {
	gateway := ""
	if s.TwitterURL != "" {
		gateway = c.address("twitter-url", s.TwitterURL, "a gateway such as https://gateway.example")
	}
	keys := map[string]string{
		"consumer-key": s.ConsumerKey, "consumer-secret": s.ConsumerSecret,
		"access-token": s.AccessToken, "access-token-secret": s.AccessTokenSecret,
	}
	set := 0
	for _, key := range keys {
		if key != "" {
			set++
		}
	}
	for _, name := range []string{"consumer-key", "consumer-secret", "access-token", "access-token-secret"} {
		if keys[name] == "" && (set > 0 || gateway == "") {
			c.fault(name, "not set, want all four keys")
		}
	}
	words, _, _ := stream.ParseWords(s.Track) // said already
	return &stream.Twitter{
		ConsumerKey: stream.Secret(s.ConsumerKey), ConsumerSecret: stream.Secret(s.ConsumerSecret),
		AccessToken: stream.Secret(s.AccessToken), AccessSecret: stream.Secret(s.AccessTokenSecret),
		Base: gateway, Country: country, Track: words, Sample: len(words) == 0, Languages: s.Languages,
	}
}

// address reads an address of a server, without a path.
func (c *checker) address(flag, s, wanted string) string {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" || u.User != nil || u.RawQuery != "" {
		c.fault(flag, "%q, want %s", s, wanted)
		return ""
	}
	return u.String()
}
