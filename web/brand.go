package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"nagare/static"
	"nagare/templates"
)

// brandRoot is the path under which a brand is served. Its addresses have a hash, so that browsers can
// cache them forever.
const brandRoot = "/brand/"

// Brand is what the operator changes of the look of the site.
type Brand struct {
	Style    []byte // CSS that has precedence over that of the site; nil: none
	Logo     []byte // takes the place of the seal; nil: none
	LogoType string // media type
}

// drawingPolicy is the Content-Security-Policy of a logo. If a browser shows an SVG file as a page, no
// script in it runs.
const drawingPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

func brandAddress(content []byte, name string) string {
	if content == nil {
		return ""
	}
	sum := sha256.Sum256(content)
	return brandRoot + hex.EncodeToString(sum[:6]) + "/" + name
}

// assets adds the addresses of the brand to those of the static files.
func (b Brand) assets(a templates.Assets) templates.Assets {
	a.Brand, a.Logo = brandAddress(b.Style, "style"), brandAddress(b.Logo, "logo")
	return a
}

// revision identifies what is the same on all pages until the site starts again: the program, and what the
// operator changes. Unattended screens load themselves again when it changes.
func (c Config) revision(a templates.Assets) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %v %+v", c.Version, c.Site, c.Sample, a)
	for _, file := range []string{"screen.css", "wall.min.js", "overlay.min.js", "embedded.min.js"} {
		fmt.Fprint(sum, static.URL(file))
	}
	fmt.Fprint(sum, c.Origins)
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

// ServeHTTP serves the files of the brand.
func (b Brand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, kind := b.Style, "text/css; charset=utf-8"
	switch r.URL.Path {
	case brandAddress(b.Logo, "logo"):
		body, kind = b.Logo, b.LogoType
		w.Header().Set("Content-Security-Policy", drawingPolicy)
	case brandAddress(b.Style, "style"):
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", static.Forever)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// routes returns the route of the brand, if there is any.
func (b Brand) routes() []route {
	if b.Style == nil && b.Logo == nil {
		return nil
	}
	return []route{{brandRoot, get, b}}
}
