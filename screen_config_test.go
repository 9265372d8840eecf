package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBrand_EachFaultSaysWhatIsWanted(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for setting, want := range map[string]string{
		"ACCENT=red":                                       "ACCENT: \"red\", want a colour such as #c2410c, or two, for light and dark",
		"ACCENT=#B0341A":                                   "ACCENT: #B0341A has a contrast of 2.9 on the dark page, want 3 or more; a second colour, after a comma, is for the dark page",
		"ACCENT=#ffee00":                                   "ACCENT: #ffee00 has a contrast of 1.1 on the light page, want 3 or more; a second colour, after a comma, is for the dark page",
		"ACCENT=#B0341A,#FF8A66,#000000":                   "ACCENT: 3 colours, want one such as #c2410c, or two, for light and dark",
		"LOGO=" + write("logo.gif", "GIF89a"):              "is no picture of a kind that works here, want SVG, PNG, WebP or JPEG",
		"LOGO=" + write("page.svg", "<html><svg/></html>"): "is no picture of a kind that works here, want SVG, PNG, WebP or JPEG",
		"LOGO=" + write("large.png", strings.Repeat("x", mostLogo+1)): "has more than 512 KB, want a smaller file",
		"CSS=" + write("empty.css", ""):                               "is empty",
		"CSS=" + filepath.Join(dir, "none"):                           "no such file or directory",
		"EMBED_ORIGINS=news.example":                                  "EMBED_ORIGINS: \"news.example\", want origins such as https://news.example, separated by commas",
		"EMBED_ORIGINS=,":                                             "EMBED_ORIGINS: nothing in it, want origins such as https://news.example, separated by commas",
		"EMBED_ORIGINS=https://a.example/b":                           "want origins such as https://news.example, separated by commas",
		"EMBED_ORIGINS=https://*.example":                             "want origins such as https://news.example, separated by commas",
	} {
		if _, _, err := configured(nil, setting); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", setting, err, want)
		}
	}
}

func TestBrand_IsReadAtTheStart(t *testing.T) {
	dir := t.TempDir()
	logo, css := filepath.Join(dir, "logo"), filepath.Join(dir, "css")
	drawing := []byte("<?xml version=\"1.0\"?><!-- us --><svg xmlns=\"http://www.w3.org/2000/svg\"/>")
	for file, content := range map[string][]byte{logo: drawing, css: []byte("body { color: red }")} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, _, err := configured(nil, "LOGO="+logo, "CSS="+css, "ACCENT=#B0341A,#FF8A66", "EMBED_ORIGINS=https://News.example/, http://127.0.0.1:8000")
	if err != nil {
		t.Fatal(err)
	}
	style := ":root { --accent: light-dark(#B0341A, #FF8A66); --on-accent: light-dark(#FFF, #000); }\nbody { color: red }"
	if string(c.brand.Style) != style || !bytes.Equal(c.brand.Logo, drawing) || c.brand.LogoType != "image/svg+xml" {
		t.Errorf("got %s %s %s", c.brand.Style, c.brand.Logo, c.brand.LogoType)
	}
	if got := strings.Join(c.embeds, " "); got != "https://news.example http://127.0.0.1:8000" {
		t.Errorf("got %s", got)
	}
}
