package templates

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/a-h/templ"
)

// Screen is the data of a view for an unattended screen.
type Screen struct {
	Page
	Kind      string           // "wall", "overlay" or "embed"
	Columns   int              // 0: as many as fit
	Spotlight bool             // one post at a time
	Chrome    string           // the parts that a frame does without, separated by spaces
	Polite    string           // how screen readers announce new posts in a frame; empty: they don't
	Options   templ.Attributes // for the script
	State     string           // "", "freeze" or "blank"
	Pins      []string         // ids of the posts that stay on top
	Kept      []string         // cards of the pins, and of the posts that the screen shows already
	Code      *Code            // of Address; nil: none
	Address   string           // of the page, without its scheme
	Local     bool             // Code works on the machine of the site only
	Style     string           // the address of the style sheet for screens
	Renewal   string           // address that answers with the revision of the pages
	Revision  string
}

// Code is a QR code.
type Code struct {
	Size int
	Dark func(x, y int) bool
}

// quiet is the width of the light zone around a QR code, in modules (ISO/IEC 18004).
const quiet = 4

// viewBox is that of a drawing of the code.
func (c Code) viewBox() string {
	return fmt.Sprintf("%d %d %d %[3]d", -quiet, -quiet, c.Size+2*quiet)
}

// path draws the dark modules, each row of neighbours as one rectangle.
func (c Code) path() string {
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			if begin := x; c.Dark(x, y) {
				for x < c.Size && c.Dark(x, y) {
					x++
				}
				fmt.Fprintf(&b, "M%d %dh%dv1H%dz", begin, y, x-begin, begin)
			}
		}
	}
	return b.String()
}

// pins returns the ids of the pins for the script.
func (s Screen) pins() string {
	if len(s.Pins) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(s.Pins) // can't fail
	return string(text)
}

// layout returns the attributes by which the style sheet arranges the posts.
func (s Screen) layout() templ.Attributes {
	all := templ.Attributes{}
	if s.Columns > 0 {
		all["data-columns"] = fmt.Sprint(s.Columns)
	}
	if s.Spotlight {
		all["data-spotlight"] = true
	}
	if s.Chrome != "" {
		all["data-chrome"] = s.Chrome
	}
	return all
}

// windowTitle is the title of the browser's window. It says if the posts are a recording.
func (s Screen) windowTitle() string {
	if s.Sample {
		return s.fullTitle() + " · " + phrase(s.Lang, "sample")
	}
	return s.fullTitle()
}

// live returns the attributes by which screen readers announce new posts.
func (s Screen) live() templ.Attributes {
	if s.Polite == "" {
		return nil
	}
	return templ.Attributes{"aria-live": s.Polite}
}
