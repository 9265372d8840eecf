package web

import (
	"regexp"
	"strconv"

	"github.com/a-h/templ"

	"nagare/templates"
)

// overlay shows a view over the picture of a broadcast.
var overlay = screenKind{
	path: "/overlay", script: "overlay.min.js", theme: "dark",
	params: []string{"every", "fade", "max", "bg", "shadow"},
	read: func(p *params, s *templates.Screen) {
		s.Options = templ.Attributes{
			"data-every": milliseconds(p, "every", 2), "data-fade": milliseconds(p, "fade", 20),
			"data-max": strconv.Itoa(p.number("max", 1, 20, 5)), "data-bg": p.colour("bg", "0007"),
			"data-plain": p.values.Get("shadow") == "0",
		}
		p.flag("shadow")
	},
}

// colourPattern matches a colour of CSS without its #.
var colourPattern = regexp.MustCompile(`^([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$`)

// colour parses a colour, and returns it as in CSS.
func (p *params) colour(name, otherwise string) string {
	given := p.values.Get(name)
	if !p.values.Has(name) {
		given = otherwise
	}
	if given != "" && !colourPattern.MatchString(given) {
		p.fault(name, "%s, want a colour such as 0007 or 000000cc, without #", quoted(given))
		return ""
	}
	if given == "" {
		return ""
	}
	return "#" + given
}
