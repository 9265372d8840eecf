package web

import (
	"net/http"
	"regexp"
	"strings"
)

// policy is the Content-Security-Policy of every response. Scripts and styles come only from the
// site, and HTML is inserted only through the Trusted Types policy "card". Pictures are allowed
// from any https address, because each network and author has its own host.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; " +
	"connect-src 'self'{socket}; manifest-src 'self'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types card"

// permissions is the Permissions-Policy of every response. It disables all browser features that
// the page doesn't need. The page is allowed to fill the screen and to keep the screen on.
const permissions = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), " +
	"fullscreen=(self), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), " +
	"screen-wake-lock=(self), serial=(), usb=(), xr-spatial-tracking=()"

// secured sets the security headers.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", strings.Replace(policy, "{socket}", socketOrigin(r), 1))
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Permissions-Policy", permissions)
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		if Scheme(r) == "https" {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// hostPattern matches a host and port as RFC 3986 defines them, without the punctuation that no
// registered name contains.
var hostPattern = regexp.MustCompile(`^(\[[0-9a-fA-F:.]+\]|[\p{L}\p{M}\p{N}._-]+)(:[0-9]{1,5})?$`)

// socketOrigin returns the origin of the site's WebSockets after a space, or "". Browsers older
// than Safari 15.4 don't accept this origin as 'self'. A Host header with characters that could
// change the policy is left out.
func socketOrigin(r *http.Request) string {
	if !hostPattern.MatchString(r.Host) {
		return ""
	}
	return " ws" + strings.TrimPrefix(Scheme(r), "http") + "://" + r.Host
}
