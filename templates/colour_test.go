package templates

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// contrasts are the least contrast ratios of pairs of colours. WCAG 2.2 requires 4.5 for text and
// 3 for other parts that have to be seen.
var contrasts = []struct {
	front, ground string
	least         float64
}{
	{"ink", "paper", 4.5}, {"ink-2", "paper", 4.5}, {"link", "paper", 4.5}, {"accent", "paper", 4.5},
	{"ok", "paper", 4.5}, {"warn", "paper", 4.5}, {"danger", "paper", 4.5}, {"edge", "paper", 3},
	{"on-accent", "accent", 4.5}, {"ink", "raised", 4.5}, {"ink-2", "raised", 4.5}, {"link", "raised", 4.5},
	{"ink", "wash", 4.5}, {"ink-2", "wash", 4.5}, {"link", "wash", 4.5}, {"warn", "wash", 4.5}, {"edge", "wash", 3},
	{"ink", "tile", 4.5}, {"ink-2", "tile", 4.5}, {"paper", "ink", 4.5},
}

func TestColours_HaveEnoughContrast(t *testing.T) {
	colours := readColours(t)
	for _, c := range contrasts {
		for scheme := range 2 {
			front, ground := colours[c.front], colours[c.ground]
			if got := contrast(front[scheme], ground[scheme]); !(got >= c.least) { // not <, so that NaN fails, too
				t.Errorf("%s on %s, scheme %d: %.2f, want %v", c.front, c.ground, scheme, got, c.least)
			}
		}
	}
}

// The style sheet can't set the colour of the browser's frame, so the markup repeats it.
func TestColours_TheBrowsersFrameHasTheColourOfThePage(t *testing.T) {
	page := render(t, Timeline(Page{}))
	frames := regexp.MustCompile(`theme-color" data-scheme="\w+" content="#(\w+)"`).FindAllStringSubmatch(page, -1)
	for scheme, paper := range readColours(t)["paper"] {
		if luminance(frames[scheme][1]) != luminance(paper) {
			t.Errorf("scheme %d: frame %s, paper %s", scheme, frames[scheme][1], paper)
		}
	}
}

// readColours returns the colours of the style sheet by name. They are written as
// "--name: light-dark(#light, #dark)"; the first of each pair is the light one.
func readColours(t *testing.T) map[string][2]string {
	t.Helper()
	sheet, err := os.ReadFile("../static/app.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([\w-]+): light-dark\(#(\w+), #(\w+)\)`).FindAllSubmatch(sheet, -1) {
		colours[string(m[1])] = [2]string{string(m[2]), string(m[3])}
	}
	if len(colours) < 13 {
		t.Fatalf("found only the colours %v", colours)
	}
	return colours
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(hex string) float64 {
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		return math.NaN()
	}
	return .2126*linear(n>>16) + .7152*linear(n>>8&0xff) + .0722*linear(n&0xff)
}

func linear(channel uint64) float64 {
	c := float64(channel) / 255
	if c <= .04045 {
		return c / 12.92
	}
	return math.Pow((c+.055)/1.055, 2.4)
}
