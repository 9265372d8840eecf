package web

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"rsc.io/qr"

	"nagare/templates"
)

// wall shows a view on a large screen.
var wall = screenKind{
	path: "/wall", script: "wall.min.js", theme: "auto",
	params: []string{"columns", "spotlight", "every", "again"},
	read: func(p *params, s *templates.Screen) {
		s.Columns = p.number("columns", 1, 4, 0)
		s.Spotlight = p.flag("spotlight")
		p.oneOf("columns", "spotlight")
		s.Options = templ.Attributes{"data-every": milliseconds(p, "every", 8), "data-again": p.flag("again")}
	},
}

// milliseconds returns the value of a parameter in seconds as a text in ms.
func milliseconds(p *params, name string, otherwise int) string {
	return strconv.FormatInt(p.seconds(name, otherwise).Milliseconds(), 10)
}

// isLocal reports whether an origin leads to the machine itself, although the site is for others: it has
// moderators, or listens for other machines.
func (c Config) isLocal(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || !c.Reachable && (c.Sessions == nil || len(c.Sessions.keys) == 0) {
		return false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && addr.IsLoopback()
}

func (s *screens) warn() {
	s.config.Log.Warn("the QR code of the wall works on this machine only", "setting", "--public-url, PUBLIC_URL")
}

// longestCode is the most bytes of an address whose code can be read from a distance: it has 45 by 45
// modules at most.
const longestCode = 120

// code returns the QR code of the address of a view, or of the site if that is too long, and the
// address without its scheme. It returns none if the origin is unknown.
func code(origin, path string) (*templates.Code, string) {
	if len(origin+path) > longestCode {
		path = homePath
	}
	if origin == "" || len(origin+path) > longestCode {
		return nil, ""
	}
	c, err := qr.Encode(origin+path, qr.M)
	if err != nil {
		return nil, ""
	}
	shown, err := url.PathUnescape(strings.TrimSuffix(afterScheme(origin)+path, "/"))
	if err != nil || strings.Contains(path, "?") {
		shown = afterScheme(origin)
	}
	return &templates.Code{Size: c.Size, Dark: c.Black}, strings.TrimPrefix(shown, "//")
}
