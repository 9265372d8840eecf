package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/networks"
)

// asked returns the configuration of the sources for settings of the form NAME=value.
func asked(t *testing.T, settings ...string) sourcesConfig {
	t.Helper()
	c, _, err := configured(nil, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return c.sources
}

// names returns the names of the sources that the settings configure.
func names(t *testing.T, settings ...string) string {
	t.Helper()
	var names []string
	for _, src := range asked(t, settings...).build(nil, slog.New(slog.DiscardHandler), nil) {
		names = append(names, src.(interface{ String() string }).String())
	}
	return strings.Join(names, ", ")
}

func TestSources_CanBeCombined(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "posts.ndjson")
	if err := os.WriteFile(file, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	twitter := []string{"CONSUMER_KEY=a", "CONSUMER_SECRET=b", "ACCESS_TOKEN=c", "ACCESS_TOKEN_SECRET=d"}
	for _, test := range []struct {
		settings []string
		want     string
	}{
		{nil, "replay demo"},
		{[]string{"SOURCE=none"}, ""},
		{[]string{"SOURCE=demo, replay:" + file + ",bluesky"}, "replay demo, replay " + file + ", bluesky 3%"},
		{[]string{"SOURCE=bluesky", "TRACK=go"}, "bluesky"},
		{[]string{"SOURCE=bluesky", "BLUESKY_AUTHORS=did:plc:a,did:plc:b"}, "bluesky 2 authors"},
		{[]string{"SOURCE=mastodon", "MASTODON_SERVER=https://m.example/", "MASTODON_TOKEN=t"}, "m.example"},
		{[]string{"SOURCE=mastodon", "MASTODON_SERVER=https://m.example", "MASTODON_TOKEN=t", "TRACK=#go,#river,-spam"}, "m.example #go, m.example #river"},
		{[]string{"SOURCE=mastodon", "MASTODON_SERVER=https://m.example", "MASTODON_TOKEN=t", "TRACK=#go,river"}, "m.example"},
		{[]string{"SOURCE=x", "X_TOKEN=t", "X_BUDGET=1000", "STORE=" + file, "TRACK=go"}, "x"},
		{append(twitter, "SOURCE=twitter"), "twitter"},
		{[]string{"SOURCE=twitter", "TWITTER_URL=http://127.0.0.1:1"}, "twitter"},
	} {
		if got := names(t, test.settings...); got != test.want {
			t.Errorf("%v: got %s, want %s", test.settings, got, test.want)
		}
	}
}

func TestSources_ReportAllMissingSettings(t *testing.T) {
	for settings, want := range map[string][]string{
		"SOURCE=mastodon":                    {"MASTODON_SERVER", "MASTODON_TOKEN"},
		"SOURCE=x":                           {"X_TOKEN", "X_BUDGET", "STORE", "TRACK"},
		"SOURCE=twitter":                     {"CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET"},
		"SOURCE=twitter CONSUMER_KEY=canary": {"CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET"},
		"SOURCE=bluesky BLUESKY_AUTHORS=@a BLUESKY_SAMPLE=2":                         {"BLUESKY_SAMPLE", "BLUESKY_AUTHORS"},
		"SOURCE=bluesky BLUESKY_AUTHORS=did:plc:a,did:plc,did:plc:a/b,did:PLC:a":     {"BLUESKY_AUTHORS", "BLUESKY_AUTHORS", "BLUESKY_AUTHORS"},
		"SOURCE=mastodon MASTODON_TIMELINE=home SPEED=0":                             {"SPEED", "MASTODON_SERVER", "MASTODON_TOKEN", "MASTODON_TIMELINE"},
		"SOURCE=mastodon MASTODON_SERVER=https://m.example TRACK=#go/river":          {"MASTODON_TOKEN", "TRACK"},
		"SOURCE=mastodon MASTODON_SERVER=https://m.example MASTODON_TIMELINE=list:":  {"MASTODON_TOKEN", "MASTODON_TIMELINE"},
		"SOURCE=mastodon MASTODON_SERVER=https://m.example MASTODON_TIMELINE=#a?b":   {"MASTODON_TOKEN", "MASTODON_TIMELINE"},
		"SOURCE=mastodon MASTODON_SERVER=https://m.example MASTODON_TIMELINE=list:7": {"MASTODON_TOKEN"},
	} {
		_, _, err := configured(nil, strings.Fields(settings)...)
		if exitCode(err) != 2 {
			t.Fatalf("%s: got %v, want exit code 2", settings, err)
		}
		var got []string
		for line := range strings.SplitSeq(err.Error(), "\n") {
			name, _, _ := strings.Cut(line, ":")
			got = append(got, name)
		}
		if diff := cmp.Diff(want, got); diff != "" || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v\n%s", settings, err, diff)
		}
	}
}

func TestNetworks_AGatewayCanHaveAPathAndAServerCannot(t *testing.T) {
	for settings, want := range map[string]string{
		"SOURCE=twitter TWITTER_URL=https://a.example/b/":                      "",
		"SOURCE=mastodon MASTODON_TOKEN=t MASTODON_SERVER=https://a.example/":  "",
		"SOURCE=mastodon MASTODON_TOKEN=t MASTODON_SERVER=https://a.example/b": `MASTODON_SERVER: "https://a.example/…", want a server such as https://mastodon.social`,
	} {
		got := ""
		if _, _, err := configured(nil, strings.Fields(settings)...); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", settings, got, want)
		}
	}
}

// X also matches words in the addresses of links, which aren't in the text of a post. A second
// match against the text would drop such a post.
func TestSources_PostsThatXHasMatchedAreNotMatchedAgain(t *testing.T) {
	conf := asked(t, "SOURCE=x", "X_TOKEN=t", "X_BUDGET=1000", "STORE=nagare.db", "TRACK=go,-spam")
	rt := conf.runtime(nil, slog.New(slog.DiscardHandler))
	if !rt.Matched.Keeps(&stream.Post{Text: []stream.Segment{{Text: "a link whose address has the word"}}}) {
		t.Error("a post that X found by its link is left out")
	}
	if rt.Matched.Keeps(&stream.Post{Text: []stream.Segment{{Text: "spam"}}}) || rt.Filter.Keeps(&stream.Post{}) {
		t.Error("an unwanted post is shown")
	}
}

func TestNetworks_EachFlagBelongsToExactlyOneNetwork(t *testing.T) {
	var cli cli
	parser, err := newParser(&cli, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, flag := range parser.Model.Flags {
		if flag.Group != nil && flag.Group.Key == "networks" {
			want = append(want, flag.Name)
		}
	}
	for _, n := range networks.All {
		got = append(got, flagsOf(n)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A configuration is plain data, so sources can be built from it more than once.
func TestSources_CanBeBuiltRepeatedlyFromOneConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "posts.ndjson")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := asked(t, "SOURCE=demo,replay:"+file+",bluesky")
	log := slog.New(slog.DiscardHandler)
	first, second := c.build(nil, log, nil), c.build(nil, log, nil)
	if len(first) != 3 || len(second) != 3 {
		t.Errorf("built %v and %v", first, second)
	}
}
