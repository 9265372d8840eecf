package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nagare/hub"
	"nagare/web"
)

// config is what the settings mean, once they are known to mean something.
type config struct {
	host      string
	port      int
	portAsked bool   // by name: no other will do
	publicURL string // as an origin; empty if not given

	site   string
	feeds  feedConfig
	record string // file to record into; empty if not
	tokens []string

	limits hub.Limits
	tick   time.Duration

	proxies     web.Proxies
	metricsAddr string
	logLevel    slog.Level
	logFormat   string // text, json or auto
	dyno        bool   // on Heroku, which dates log lines itself
	plain       bool   // no control codes, even on a terminal
}

const (
	defaultPort = 8080
	leastToken  = 32 // characters
)

// origins are where pages may connect from; none stands for the site's own.
func (c config) origins() web.Origins {
	if c.publicURL == "" {
		return nil
	}
	return web.Origins{c.publicURL}
}

// checker collects what is wrong with the settings.
type checker struct {
	said   map[string]string // what each flag was called by whoever gave it
	faults []string
}

// fault notes what is wrong and what is wanted, under the name of the flag.
func (c *checker) fault(flag, format string, args ...any) {
	c.faults = append(c.faults, c.said[flag]+": "+fmt.Sprintf(format, args...))
}

// check finds out what the settings mean, and everything that is wrong with them
// besides the faults that are known already.
func (s settings) check(said map[string]string, env environment, faults []string) (config, error) {
	c := &checker{said: said, faults: faults}
	conf := config{
		host:        s.Host,
		port:        c.port(s.Port),
		portAsked:   s.Port != "",
		publicURL:   c.origin(s.PublicURL),
		site:        c.site(s.SiteName),
		feeds:       c.feeds(s),
		limits:      hub.Limits{Connections: c.count("max-connections", s.MaxConnections), PerClient: c.count("max-per-client", s.MaxPerClient)},
		tick:        c.tick(s.Tick),
		tokens:      c.tokens(s.IngestToken),
		proxies:     web.Proxies{Trusted: c.prefixes(s.TrustedProxies), Router: env["DYNO"] != ""},
		metricsAddr: c.hostPort(s.MetricsAddr),
		logLevel:    c.level(s.LogLevel),
		logFormat:   c.oneOf("log-format", s.LogFormat, "text", "json", "auto"),
		dyno:        env["DYNO"] != "",
		plain:       env["NO_COLOR"] != "" || env["TERM"] == "dumb",
	}
	if c.faults != nil {
		return config{}, &usageError{strings.Join(c.faults, "\n")}
	}
	return conf, nil
}

func (c *checker) port(s string) int {
	if s == "" {
		return defaultPort
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		c.fault("port", "%q, want a number from 0 to 65535", s)
	}
	return int(n)
}

func (c *checker) origin(s string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "":
		c.fault("public-url", "%q, want https://host", s)
	case u.Scheme != "http" && u.Scheme != "https":
		c.fault("public-url", "scheme %q, want http:// or https://", u.Scheme)
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		c.fault("public-url", "more than a host, want %s://%s", u.Scheme, u.Host)
	default:
		return u.Scheme + "://" + u.Host
	}
	return ""
}

func (c *checker) site(s string) string {
	if n := len([]rune(s)); n > 60 {
		c.fault("site-name", "%d characters, want at most 60", n)
	}
	return s
}

// share reads a number from least to most; 0 if there is none.
func (c *checker) share(flag, s string, least, most float64, wanted string) float64 {
	if s == "" {
		return 0
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= least && f <= most) {
		c.fault(flag, "%q, want %s", s, wanted)
	}
	return f
}

// count reads a number above 0; 0 if there is none.
func (c *checker) count(flag, s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n == 0 {
		c.fault(flag, "%q, want a number above 0", s)
	}
	return int(n)
}

func (c *checker) tick(s string) time.Duration {
	if s == "0" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > time.Second {
		c.fault("tick", "%q, want a time such as 20ms, up to 1s", s)
	}
	return d
}

// tokens are secrets: messages tell their number and length only.
func (c *checker) tokens(s string) []string {
	tokens := split(s)
	if len(tokens) > 2 {
		c.fault("ingest-token", "%d tokens, want one, or two while changing it", len(tokens))
	}
	for _, token := range tokens {
		if n := len([]rune(token)); n < leastToken {
			c.fault("ingest-token", "%d characters, want %d or more", n, leastToken)
		}
	}
	return tokens
}

func (c *checker) prefixes(s string) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, text := range split(s) {
		prefix, err := netip.ParsePrefix(text)
		if addr, addrErr := netip.ParseAddr(text); addrErr == nil {
			prefix, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			c.fault("trusted-proxies", "%q, want addresses or networks such as 10.0.0.0/8, with commas between", text)
			continue
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes
}

func (c *checker) hostPort(s string) string {
	if _, _, err := net.SplitHostPort(s); s != "" && err != nil {
		c.fault("metrics-addr", "%q, want an address and a port such as 127.0.0.1:9090", s)
	}
	return s
}

func (c *checker) level(s string) slog.Level {
	var level slog.Level
	level.UnmarshalText([]byte(c.oneOf("log-level", s, "debug", "info", "warn", "error")))
	return level
}

func (c *checker) oneOf(flag, s string, choices ...string) string {
	if !slices.Contains(choices, s) {
		c.fault(flag, "%q, want %s", s, strings.Join(choices, ", "))
	}
	return s
}

// split cuts a list at its commas.
func split(s string) []string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	if len(parts) == 0 {
		return nil
	}
	return parts
}
