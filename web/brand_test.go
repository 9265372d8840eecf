package web

import (
	"regexp"
	"strings"
	"testing"
)

func TestBrand_IsOnEveryPage(t *testing.T) {
	drawing := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><script>alert(1)</script></svg>`
	f := newFixture(t, func(c *Config) {
		c.Brand = Brand{Style: []byte(":root { --accent: #123456; }"), Logo: []byte(drawing), LogoType: "image/svg+xml"}
	})
	plain := newFixture(t)
	for _, path := range []string{"/", "/wall", "/overlay", "/embed", "/nowhere", "/?q=%22"} {
		page := f.get(path, "Accept", "text/html").Body.String()
		style := regexp.MustCompile(`<link rel="stylesheet" href="(/brand/[^"]+)">`).FindStringSubmatch(page)
		logo := regexp.MustCompile(`<img class="seal seal--logo" src="(/brand/[^"]+)" alt="">`).FindStringSubmatch(page)
		if style == nil || logo == nil && path != "/overlay" {
			t.Errorf("%s: style %v, logo %v", path, style, logo)
			continue
		}
		if strings.Contains(plain.get(path, "Accept", "text/html").Body.String(), "/brand/") {
			t.Errorf("%s: a brand that nobody has set", path)
		}
		if path != "/" {
			continue
		}
		if w := f.get(style[1]); w.Body.String() != ":root { --accent: #123456; }" || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("the style: %d %v %s", w.Code, w.Header(), w.Body)
		}
		w := f.get(logo[1])
		if w.Body.String() != drawing || w.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("the logo: %d %v", w.Code, w.Header())
		}
		if policy := w.Header().Get("Content-Security-Policy"); policy != "default-src 'none'; style-src 'unsafe-inline'; sandbox" {
			t.Errorf("the policy of the logo: %s", policy)
		}
	}
	for _, path := range []string{"/brand/", "/brand/x/logo", "/brand/000000000000/style"} {
		if w := f.get(path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// Without the settings of screens and frames, the first page has the headers that it has always had.
func TestHeaders_OfTheFirstPageAreTheseAndNoOthers(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.EmbedOrigins = Origins{"https://news.example"} })
	header := f.get("/", "X-Request-ID", "abcdefgh").Header()
	for _, name := range []string{"ETag", "Server-Timing", "Content-Length"} { // depend on the log and the time
		if header.Get(name) == "" {
			t.Errorf("no %s", name)
		}
		header.Del(name)
	}
	var got strings.Builder
	if err := header.Write(&got); err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(firstHeaders, "\n", "\r\n")
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

const firstHeaders = `Accept-Ranges: bytes
Cache-Control: no-cache, no-transform
Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; connect-src 'self' ws://example.com; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types card
Content-Type: text/html; charset=utf-8
Cross-Origin-Opener-Policy: same-origin
Cross-Origin-Resource-Policy: same-origin
Permissions-Policy: accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(self), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(self), serial=(), usb=(), xr-spatial-tracking=()
Referrer-Policy: no-referrer
Vary: Accept-Language, Cookie
Vary: Accept-Encoding
X-Content-Type-Options: nosniff
X-Request-Id: abcdefgh
X-Robots-Tag: noindex, nofollow
`
