package main

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nagare/hub"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/web"
)

// config is the configuration of the program. All of its settings have been validated.
type config struct {
	given givenAs // for error messages

	// Listening.
	host        string
	port        int
	portGiven   bool   // the operator set the port, so no other one is tried
	inherited   bool   // systemd has opened the socket; host and port have no effect
	publicURL   string // in the form of an Origin header; empty if not set
	transport   string // how pages follow: websocket or poll
	metricsAddr string // where metrics are served; empty: nowhere
	proxies     web.Proxies

	// The site.
	site       string // name of the site
	brand      web.Brand
	embeds     web.Origins     // sites that may show posts in a frame
	tokens     []stream.Secret // each permits its owner to publish
	admins     []stream.Secret // each permits its owner to moderate; if empty, nobody can
	moderation moderation.Mode // until a moderator chooses another mode
	sources    sourcesConfig
	open       web.OpenData
	index      bool   // search engines may list the site
	record     string // file to record into; empty: none
	store      storeConfig
	ingest     string // whether this process reads the sources: auto, always or never
	backup     string // file to copy the store into; empty: none
	limits     hub.Limits
	tick       time.Duration

	// Running.
	logLevel    slog.Level
	logFormat   string // text, json or auto
	logRequests bool
	dyno        bool // on Heroku, which puts the time before each log line itself
	plain       bool // no control codes, even on a terminal
}

const (
	defaultPort = 8080
	leastToken  = 32 // characters
)

// givenMode returns the mode that the operator has set for this start, or "".
func (c config) givenMode() moderation.Mode {
	if c.given.has("moderation") {
		return c.moderation
	}
	return ""
}

// origins returns the origins whose pages are allowed to connect. An empty result means the site's
// own origin only.
func (c config) origins() web.Origins {
	if c.publicURL == "" {
		return nil
	}
	return web.Origins{c.publicURL}
}

// configure turns a request into a configuration. If settings are wrong, it returns one error that
// describes all of them. The notes are about settings without an effect.
func configure(req request) (conf config, notes []string, err error) {
	c := &checker{given: req.given, faults: req.faults, notes: req.notes}
	s, dyno := req.settings, req.env["DYNO"] != ""
	kept := c.store(s, req.env)
	conf = config{
		given:       req.given,
		host:        c.host(s.Host),
		port:        c.port(s.Port),
		portGiven:   s.Port != "",
		inherited:   c.inherited(req.env),
		publicURL:   c.origin(s.PublicURL),
		site:        c.site(s.SiteName),
		brand:       c.brand(s),
		embeds:      c.embedOrigins(s.EmbedOrigins),
		store:       kept,
		ingest:      c.ingest(s.Ingest, kept),
		sources:     c.sources(req, kept),
		open:        c.openData(s.OpenData),
		index:       c.oneOf("index", s.Index, "on", "off") == "on",
		record:      req.fileOf("record"),
		backup:      req.fileOf("backup"),
		limits:      hub.Limits{Connections: c.Count("max-connections", s.MaxConnections), PerClient: c.Count("max-per-client", s.MaxPerClient)},
		tick:        c.span("tick", s.Tick, time.Second, "a time such as 20ms, up to 1s"),
		tokens:      c.tokens("ingest-token", s.IngestToken),
		admins:      c.tokens("admin-token", s.AdminToken),
		moderation:  c.moderation(s),
		proxies:     web.Proxies{Trusted: c.prefixes(s.TrustedProxies), Router: dyno},
		transport:   c.oneOf("transport", s.Transport, "websocket", "poll"),
		metricsAddr: c.hostPort(s.MetricsAddr),
		logLevel:    c.level(s.LogLevel),
		logFormat:   c.oneOf("log-format", s.LogFormat, "text", "json", "auto"),
		logRequests: c.oneOf("log-requests", s.LogRequests, "on", "off") == "on",
		dyno:        dyno,
		plain:       req.env["NO_COLOR"] != "" || req.env["TERM"] == "dumb",
	}
	if c.faults != nil {
		return config{}, c.notes, &usageError{strings.Join(c.faults, "\n")}
	}
	return conf, c.notes, nil
}

// moderation parses when a post is shown. If there are moderators, their rules and blocks apply unless the
// operator chooses off.
func (c *checker) moderation(s settings) moderation.Mode {
	switch mode := moderation.Mode(s.Moderation); {
	case mode == "" && s.AdminToken != "":
		return moderation.After
	case mode == "":
		return moderation.Off
	case s.AdminToken == "" && (mode == moderation.After || mode == moderation.Before):
		c.Fault("moderation", "%s, but nobody can log in, want --admin-token as well", mode)
	}
	return moderation.Mode(c.oneOf("moderation", s.Moderation, "off", "after", "before"))
}

// ingest parses when this process reads the sources.
func (c *checker) ingest(s string, kept storeConfig) string {
	if s == "never" && !kept.shared() {
		c.Fault("ingest", "never without a store that another process fills, want --store redis://host:6379, or auto")
	}
	return c.oneOf("ingest", s, "auto", "always", "never")
}

// inherited reports whether systemd passes a socket to this process: see sd_listen_fds(3).
func (c *checker) inherited(env environment) bool {
	if env["LISTEN_PID"] != strconv.Itoa(os.Getpid()) {
		return false
	}
	if n := env["LISTEN_FDS"]; n != "1" {
		c.faults = append(c.faults, "LISTEN_FDS: "+shown(n)+", want one socket")
	}
	for _, flag := range []string{"host", "port"} {
		if c.given.has(flag) {
			c.note(flag, "no effect, since systemd has opened the socket")
		}
	}
	return true
}

// hostName matches host names that are safe to look up.
var hostName = regexp.MustCompile(`^[A-Za-z0-9._-]*$`)

const hostWanted = "an address of this machine such as 127.0.0.1, or 0.0.0.0 for all"

func (c *checker) host(s string) string {
	if _, err := netip.ParseAddr(s); err != nil && !hostName.MatchString(s) {
		c.Fault("host", "%s, want %s", shown(s), hostWanted)
	}
	return s
}

func (c *checker) port(s string) int {
	if s == "" {
		return defaultPort
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		c.Fault("port", "%s, want a number from 0 to 65535", shown(s))
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
		c.Fault("public-url", "%s, want https://host", shown(s))
	case u.Scheme != "http" && u.Scheme != "https":
		c.Fault("public-url", "scheme %s, want http:// or https://", shown(u.Scheme))
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		c.Fault("public-url", "more than a host, want %s://%s", u.Scheme, u.Host)
	default:
		origin, ok := web.CanonicalOrigin(u.Scheme + "://" + u.Host)
		if !ok {
			c.Fault("public-url", "%s, want https://host", shown(s))
		}
		return origin
	}
	return ""
}

func (c *checker) site(s string) string {
	if n := len([]rune(s)); n > 60 {
		c.Fault("site-name", "%d characters, want at most 60", n)
	}
	return s
}

// tokens parses the list of tokens. As they are secrets, a message says only how many there are
// and how long each is.
func (c *checker) tokens(flag, s string) (tokens []stream.Secret) {
	for _, token := range split(s) {
		tokens = append(tokens, stream.Secret(token))
	}
	if len(tokens) == 0 && s != "" {
		c.Fault(flag, "no token in it, want one, or two during a change")
	}
	if len(tokens) > 2 {
		c.Fault(flag, "%d tokens, want one, or two during a change", len(tokens))
	}
	if len(tokens) == 2 && tokens[0] == tokens[1] {
		c.Fault(flag, "the same token twice, want one, or two during a change")
	}
	for _, token := range tokens {
		if n := len([]rune(string(token))); n < leastToken {
			c.Fault(flag, "%d characters, want %d or more", n, leastToken)
		}
	}
	return tokens
}

func (c *checker) prefixes(s string) []netip.Prefix {
	var prefixes []netip.Prefix
	parts := split(s)
	if len(parts) == 0 && s != "" {
		c.Fault("trusted-proxies", "nothing in it, want addresses or networks such as 10.0.0.0/8, separated by commas")
	}
	for _, text := range parts {
		prefix, err := netip.ParsePrefix(text)
		if addr, addrErr := netip.ParseAddr(text); addrErr == nil {
			prefix, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			c.Fault("trusted-proxies", "%s, want addresses or networks such as 10.0.0.0/8, separated by commas", shown(text))
			continue
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes
}

func (c *checker) hostPort(s string) string {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if s != "" && err != nil {
		c.Fault("metrics-addr", "%s, want an address and a port such as 127.0.0.1:9090", shown(s))
	}
	return s
}

func (c *checker) level(s string) slog.Level {
	var level slog.Level
	level.UnmarshalText([]byte(c.oneOf("log-level", s, "debug", "info", "warn", "error")))
	return level
}
