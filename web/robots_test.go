package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// The test reads robots.txt as RFC 9309 says: the rules of the group that names the robot, or else
// those of the group "*", and of several rules that fit, the longest.
func TestRobots_ReadTheSiteOnlyIfTheSettingPermits(t *testing.T) {
	for _, c := range []struct {
		index   bool
		robot   string
		path    string
		allowed bool
	}{
		{false, "Googlebot", "/", false}, {false, "Googlebot", "/post/replay:1", false}, {false, "Twitterbot", "/post/replay:1", true},
		{true, "Googlebot", "/", true}, {true, "Googlebot", "/post/replay:1", true}, {true, "Googlebot", "/?q=go", false},
		{true, "Googlebot", "/?at=2026-11-29T14:00Z", true}, {true, "Googlebot", "/tag/go?at=2026-11-29T14:00Z", false},
		{true, "Twitterbot", "/post/replay:1", true},
	} {
		f := newFixture(t, func(config *Config) { config.Index = c.index })
		w := f.get("/robots.txt")
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Fatalf("got %d, %s", w.Code, w.Header())
		}
		if got := robotMayRead(w.Body.String(), c.robot, c.path); got != c.allowed {
			t.Errorf("index is %v: %s may read %s: got %v, want %v in\n%s", c.index, c.robot, c.path, got, c.allowed, w.Body)
		}
	}
}

func robotMayRead(rules, robot, path string) bool {
	var everybody, own []string
	for group := range strings.SplitSeq(rules, "\n\n") {
		lines := strings.Split(strings.TrimSpace(group), "\n")
		if slices.Contains(lines, "User-agent: "+robot) {
			own = lines
		}
		if slices.Contains(lines, "User-agent: *") {
			everybody = lines
		}
	}
	if own == nil {
		own = everybody
	}
	allowed, longest := true, 0
	for _, line := range own {
		rule, pattern, _ := strings.Cut(line, ": ")
		before, after, _ := strings.Cut(pattern, "*")
		rest, fits := strings.CutPrefix(path, before)
		if rule != "User-agent" && fits && strings.Contains(rest, after) && len(pattern) > longest {
			allowed, longest = rule == "Allow", len(pattern)
		}
	}
	return allowed
}

func TestRobots_AreToldWithEveryResponseNotToListTheSite(t *testing.T) {
	hidden, listed := newFixture(t), newFixture(t, func(c *Config) { c.Index = true })
	for _, path := range []string{"/", "/nowhere", "/healthz", "/robots.txt"} {
		if got := hidden.get(path).Header().Get("X-Robots-Tag"); got != "noindex, nofollow" {
			t.Errorf("%s: got %q", path, got)
		}
		if got := listed.get(path).Header().Get("X-Robots-Tag"); got != "" {
			t.Errorf("%s on a listed site: got %q", path, got)
		}
	}
}

// A page of an author that asks not to be listed has a header that says so. The fixture permits search
// engines to list the rest.
func TestView_PagesWithPostsOfAnAuthorThatIsNotIndexedAreNotListed(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Index = true })
	ops := creates(1, 40)
	ops[1].Post.Author.NoIndex = true
	f.emit(ops...)
	second := linkOf(f.get("/").Body.String(), "older")
	for path, want := range map[string]string{"/": "", second: "noindex", "/?q=words-3": "", "/?q=words-2": "noindex"} {
		if got := f.get(path).Header().Get(robotsTag); got != want {
			t.Errorf("%s: %s is %q, want %q", path, robotsTag, got, want)
		}
	}
}
