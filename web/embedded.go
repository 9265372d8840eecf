package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"nagare/templates"
)

// loaderPath is the path of the script by which pages of other sites show /embed.
const loaderPath = "/embed.js"

// The values of the parameters of /embed, which have the names of those of X's widget.
var (
	chromeValues = []string{"noheader", "nofooter", "noborders", "transparent", "noscrollbar"}
	politeValues = map[string]string{"": "polite", "polite": "polite", "assertive": "assertive", "rude": "assertive"}
)

// embed shows a view in a frame in a page of another site.
func embed(frames Origins) screenKind {
	return screenKind{
		path: "/embed", script: "embedded.min.js", theme: "auto", covers: true, frames: frames,
		params: []string{"chrome", "tweet-limit", "width", "height", "border-color", "aria-polite", "dnt"},
		read: func(p *params, s *templates.Screen) {
			s.Chrome = p.chrome()
			s.Polite = politeValues[p.values.Get("aria-polite")]
			if s.Polite == "" {
				p.fault("aria-polite", "%s, want polite, assertive or rude", quoted(p.values.Get("aria-polite")))
			}
			s.Options = templ.Attributes{
				"data-limit": strconv.Itoa(p.number("tweet-limit", 1, 20, 10)), "data-origins": strings.Join(frames, " "),
				"data-border": p.colour("border-color", ""), "data-width": p.size("width"), "data-height": p.size("height"),
			}
		},
	}
}

// chrome returns the parts that a frame does without.
func (p *params) chrome() string {
	given := strings.FieldsFunc(p.values.Get("chrome"), func(r rune) bool { return r == ' ' || r == ',' })
	for _, part := range given {
		if !slices.Contains(chromeValues, part) {
			p.fault("chrome", "%s, want some of %s", quoted(part), strings.Join(chromeValues, ", "))
			return ""
		}
	}
	return strings.Join(given, " ")
}

// size parses a length in pixels. It returns "" for a missing one.
func (p *params) size(name string) string {
	if n := p.number(name, 100, 4000, 0); n > 0 {
		return strconv.Itoa(n)
	}
	return ""
}

// allowFrames lets pages of some other origins have the response in a frame.
func (k screenKind) allowFrames(header http.Header) {
	const none = "frame-ancestors 'none'"
	header.Set("Content-Security-Policy", strings.Replace(header.Get("Content-Security-Policy"), none, "frame-ancestors "+strings.Join(k.frames, " "), 1))
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Del("Cross-Origin-Opener-Policy")
}

// foreign lets pages of all other origins load a resource.
func foreign(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		next.ServeHTTP(w, r)
	})
}
