package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nagare/web"
)

// embedOrigins parses the list of sites that may show posts in a frame.
func (c *checker) embedOrigins(s string) (all web.Origins) {
	for _, text := range split(s) {
		origin, ok := web.CanonicalOrigin(strings.TrimSuffix(text, "/"))
		if !ok {
			c.Fault("embed-origins", "%s, want origins such as https://news.example, separated by commas", shown(text))
			continue
		}
		all = append(all, origin)
	}
	if s != "" && len(split(s)) == 0 {
		c.Fault("embed-origins", "nothing in it, want origins such as https://news.example, separated by commas")
	}
	return all
}

// The most bytes of the files of a brand.
const (
	mostLogo  = 512 << 10
	mostStyle = 256 << 10
)

// brand reads what the operator changes of the look of the site.
func (c *checker) brand(s settings) (b web.Brand) {
	if accent := c.accent(s.Accent); accent != "" {
		b.Style = []byte(accent)
	}
	b.Style = append(b.Style, c.file("css", s.CSS, mostStyle)...)
	if b.Logo = c.file("logo", s.Logo, mostLogo); b.Logo == nil {
		return b
	}
	if b.LogoType = pictureType(b.Logo); b.LogoType == "" {
		c.Fault("logo", "%s is no picture of a kind that works here, want SVG, PNG, WebP or JPEG", shown(s.Logo))
	}
	return b
}

// file reads a file that is not too large. It returns nil if none is given.
func (c *checker) file(flag, name string, most int64) []byte {
	if name == "" {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		c.Fault(flag, "%s", redactedText(err.Error(), name))
		return nil
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		c.Fault(flag, "%s", redactedText(err.Error(), name))
	case int64(len(content)) > most:
		c.Fault(flag, "%s has more than %d KB, want a smaller file", shown(name), most>>10)
	case len(content) == 0:
		c.Fault(flag, "%s is empty", shown(name))
	}
	return content
}

// pictureType returns the media type of a picture that all browsers show, or "".
func pictureType(content []byte) string {
	kind := http.DetectContentType(content)
	if slices.Contains([]string{"image/png", "image/jpeg", "image/webp"}, kind) {
		return kind
	}
	d := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		if root, is := token.(xml.StartElement); is {
			if root.Name.Local == "svg" {
				return "image/svg+xml"
			}
			return ""
		}
	}
}

// The backgrounds of the page in its two colour schemes.
var papers = [2]struct{ scheme, colour string }{{"light", "#FAF7F0"}, {"dark", "#13151A"}}

// leastContrast is that of parts of a page other than text: WCAG 2.2, 1.4.11.
const leastContrast = 3

var accentPattern = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// accent returns the CSS for one accent colour, or for two: one for each colour scheme.
func (c *checker) accent(s string) string {
	colours := split(s)
	switch {
	case s == "":
		return ""
	case len(colours) == 1:
		colours = append(colours, colours[0])
	case len(colours) != 2:
		c.Fault("accent", "%d colours, want one such as #c2410c, or two, for light and dark", len(colours))
		return ""
	}
	for i, colour := range colours {
		if !accentPattern.MatchString(colour) {
			c.Fault("accent", "%s, want a colour such as #c2410c, or two, for light and dark", shown(colour))
			return ""
		}
		if got := contrast(colour, papers[i].colour); got < leastContrast {
			c.Fault("accent", "%s has a contrast of %.1f on the %s page, want %d or more; a second colour, after a comma, is for the dark page",
				colour, math.Floor(got*10)/10, papers[i].scheme, leastContrast)
			return ""
		}
	}
	return fmt.Sprintf(":root { --accent: light-dark(%s, %s); --on-accent: light-dark(%s, %s); }\n", colours[0], colours[1], on(colours[0]), on(colours[1]))
}

// on returns black or white, whichever can be read better on a colour.
func on(colour string) string {
	if contrast(colour, "#FFFFFF") > contrast(colour, "#000000") {
		return "#FFF"
	}
	return "#000"
}

// contrast returns the contrast ratio of two colours (WCAG 2.2).
func contrast(a, b string) float64 {
	light, dark := luminance(a), luminance(b)
	return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
}

// luminance returns the relative luminance of a colour such as #c2410c (WCAG 2.2).
func luminance(colour string) float64 {
	rgb, _ := strconv.ParseUint(colour[1:], 16, 32) // valid: accentPattern matches
	linear := func(shift int) float64 {
		part := float64(rgb>>shift&0xff) / 255
		if part <= 0.04045 {
			return part / 12.92
		}
		return math.Pow((part+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}
