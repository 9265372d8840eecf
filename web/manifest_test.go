package web

import (
	"encoding/json"
	"fmt"
	"image/png"
	"regexp"
	"strings"
	"testing"
)

func TestManifest_HasTheSiteNameAndTheTrueSizesOfTheIcons(t *testing.T) {
	f := newFixture(t)
	w := f.get("/manifest.webmanifest")
	var m manifest
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Header().Get("Content-Type") != "application/manifest+json" {
		t.Fatalf("%v, %v: %s", err, w.Header(), w.Body)
	}
	if m.Name == "" || m.StartURL != "/" || len(m.Icons) != 3 {
		t.Errorf("got %+v", m)
	}
	for _, icon := range m.Icons {
		picture, err := png.DecodeConfig(f.get(icon.Src).Body)
		if got := fmt.Sprintf("%dx%d", picture.Width, picture.Height); err != nil || got != icon.Sizes {
			t.Errorf("%s is %s (%v), want %s", icon.Src, got, err, icon.Sizes)
		}
	}
}

// The test requests each file to which the head of a page links.
func TestPage_LinksToItsIconsAndItsPreviewImage(t *testing.T) {
	f := newFixture(t)
	head, _, _ := strings.Cut(f.get("/").Body.String(), "</head>")
	for _, want := range []string{`rel="manifest" href="([^"]+)"`, `rel="apple-touch-icon" href="([^"]+)"`, `property="og:image" content="([^"]+)"`} {
		found := regexp.MustCompile(want).FindStringSubmatch(head)
		if found == nil {
			t.Errorf("no %s in %s", want, head)
			continue
		}
		if w := f.get(found[1]); w.Code != 200 {
			t.Errorf("%s: %d", found[1], w.Code)
		}
	}
}
