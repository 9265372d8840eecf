package web

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"nagare/stream"
)

func TestWall_SaysIfItsCodeWorksOnThisMachineOnly(t *testing.T) {
	moderated := func(c *Config) { c.Sessions = NewSessions([]stream.Secret{"a token of the moderators, 32 characters"}) }
	reachable := func(c *Config) { c.Reachable = true }
	public := func(c *Config) { c.Reachable, c.Origins = true, Origins{"https://posts.example"} }
	for _, c := range []struct {
		name, host string
		change     func(*Config)
		want       bool
	}{
		{"a site for this machine", "localhost:8080", func(*Config) {}, false},
		{"a site for others", "localhost:8080", reachable, true},
		{"a site for others, by a number", "127.0.0.1:8080", reachable, true},
		{"a site for others, by number 6", "[::1]:8080", reachable, true},
		{"a site with moderators", "localhost", moderated, true},
		{"another address", "192.0.2.7:8080", reachable, false},
		{"a public address", "localhost:8080", public, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			f := newFixture(t, c.change, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
			for _, path := range []string{"/wall", "/wall?columns=2", "/overlay"} {
				page := f.get(path, "Host", c.host).Body.String()
				if got := strings.Contains(page, `class="wall__local"`); got != (c.want && path != "/overlay") {
					t.Errorf("%s: %t", path, got)
				}
			}
			want := 0
			if c.want {
				want = 1
			}
			if n := strings.Count(log.String(), "PUBLIC_URL"); n != want {
				t.Errorf("%d warnings, want %d:\n%s", n, want, log.String())
			}
		})
	}
}
