package main

import (
	"cmp"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"

	"nagare/stream"
)

// feedConfig is where posts come from, and which of them are shown.
type feedConfig struct {
	names   []string // as they were asked for; none if posts are only published
	files   []string // that are replayed, one for each "replay"
	speed   float64
	country string // ISO code; empty: nowhere
	state   string // directory; empty: nothing is remembered
	filter  *stream.Filter

	// matched is the filter for networks that have looked for the words themselves,
	// by rules of their own: also in what a link leads to.
	matched *stream.Filter

	bluesky  *stream.Bluesky
	mastodon []*stream.Mastodon
	x        *stream.X
	twitter  *stream.Twitter
}

const (
	demo   = "demo"
	replay = "replay"
)

// sample says whether there are posts of a recording, which the page must not hide.
func (f feedConfig) sample() bool {
	return slices.Contains(f.names, demo) || slices.Contains(f.names, replay)
}

// recorded says whether all sources are recordings.
func (f feedConfig) recorded() bool {
	return !slices.ContainsFunc(f.names, func(name string) bool { return name != demo && name != replay })
}

// name is what the sources are called on the status line.
func (f feedConfig) name() string { return cmp.Or(strings.Join(f.names, "+"), "none") }

// sources makes the sources, each behind a bound for its posts, what the operator
// wants left out, and a queue, so that no network waits for us.
func (f feedConfig) sources(log *slog.Logger) []stream.Source {
	saved := &stream.Saved{Dir: f.state}
	var out []stream.Source
	files := f.files
	for _, name := range f.names {
		switch name {
		case demo:
			out = append(out, f.recording(stream.Demo(), log))
		case replay:
			out = append(out, f.recording(stream.File(files[0]), log))
			files = files[1:]
		case "bluesky":
			f.bluesky.Saved, f.bluesky.Log, f.bluesky.Filter = saved, log, f.filter
			out = append(out, stream.Buffered(stream.Bounded(f.bluesky)))
		case "mastodon":
			for _, m := range f.mastodon {
				m.Saved, m.Log = saved, log
				out = append(out, f.live(m, f.filter))
			}
		case "x":
			f.x.Saved, f.x.Log = saved, log
			out = append(out, f.live(f.x, f.matched))
		case "twitter":
			f.twitter.Log = log
			out = append(out, f.live(f.twitter, f.matched))
		}
	}
	return out
}

// recording is not queued: it waits, and loses nothing.
func (f feedConfig) recording(r *stream.Replay, log *slog.Logger) stream.Source {
	r.Speed, r.Country, r.Log = f.speed, f.country, log
	return stream.Filtered(stream.Bounded(r), f.filter)
}

func (f feedConfig) live(src stream.Source, filter *stream.Filter) stream.Source {
	return stream.Buffered(stream.Filtered(stream.Bounded(src), filter))
}

// feeds finds out where posts come from.
func (c *checker) feeds(s settings) feedConfig {
	f := feedConfig{
		speed:   c.share("speed", s.Speed, 1e-9, 1000, "a number above 0 and up to 1000"),
		state:   c.directory(s.StateDir),
		country: c.country(s.Country),
	}
	f.filter, f.matched = c.filters(s)
	f.names, f.files = c.sources(s.Source)
	for _, name := range f.names {
		switch name {
		case "bluesky":
			f.bluesky = c.bluesky(s)
		case "mastodon":
			f.mastodon = c.mastodon(s)
		case "x":
			f.x = c.x(s, f.country)
		case "twitter":
			f.twitter = c.twitter(s, f.country)
		}
	}
	return f
}

// sources tells the sources, and the files that are replayed.
func (c *checker) sources(asked []string) (names, files []string) {
	for _, s := range asked {
		s = strings.TrimSpace(s)
		name, file, _ := strings.Cut(s, ":")
		switch {
		case s == "none" && len(asked) == 1, s == "":
			continue
		case slices.Contains([]string{demo, "bluesky", "mastodon", "x", "twitter"}, s):
			if slices.Contains(names, s) {
				c.fault("source", "%s twice, want it once", s)
			}
		case name != replay || file == "":
			c.fault("source", "%q, want bluesky, mastodon, x, twitter, demo, replay:FILE, or none by itself", s)
			continue
		default:
			if info, err := os.Stat(file); err != nil || info.IsDir() {
				c.fault("source", "no file %q, want a file of recorded posts", file)
			}
			files = append(files, file)
		}
		names = append(names, name)
	}
	return names, files
}

// filters are what is left out, with and without the words that are tracked.
func (c *checker) filters(s settings) (all, matched *stream.Filter) {
	words, without, err := stream.ParseWords(s.Track)
	if err != nil {
		c.fault("track", "%v, want words with commas between, as in go,\"live music\",#tokyo,-spam", err)
	}
	f := &stream.Filter{Without: without, Langs: s.Languages, Blocked: s.Block}
	for _, lang := range s.Languages {
		if !language.MatchString(lang) {
			c.fault("languages", "%q, want codes such as en or pt-BR, with commas between", lang)
		}
	}
	for _, kind := range s.Leave {
		switch kind {
		case "reposts":
			f.NoReposts = true
		case "replies":
			f.NoReplies = true
		case "sensitive":
			f.NoSensitive = true
		case "textonly":
			f.MediaOnly = true
		default:
			c.fault("leave-out", "%q, want reposts, replies, sensitive or textonly", kind)
		}
	}
	return &stream.Filter{
		Words: words, Without: f.Without, Langs: f.Langs, Blocked: f.Blocked,
		MediaOnly: f.MediaOnly, NoReposts: f.NoReposts, NoReplies: f.NoReplies, NoSensitive: f.NoSensitive,
	}, f
}

var (
	language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	code     = regexp.MustCompile(`^[A-Z]{2}$`)
)

func (c *checker) country(s string) string {
	if s = strings.ToUpper(s); s != "" && !code.MatchString(s) {
		c.fault("country", "%q, want two letters such as DE", s)
	}
	return s
}

func (c *checker) directory(s string) string {
	if info, err := os.Stat(s); s != "" && (err != nil || !info.IsDir()) {
		c.fault("state-dir", "no directory %q, want one that can be written to", s)
	}
	return s
}
