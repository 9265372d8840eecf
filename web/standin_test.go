package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// standIn returns a function that starts a proxy with TLS, in place of the router of a hosting
// service. headers adds headers to each request, and change modifies each response.
func standIn(headers func(in, out *http.Request), change func(*http.Response) error) func(*testing.T, *httptest.Server) string {
	return func(t *testing.T, site *httptest.Server) string {
		target, err := url.Parse(site.URL)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		proxy := httptest.NewTLSServer(&httputil.ReverseProxy{
			Transport:      transport,
			ModifyResponse: change,
			FlushInterval:  -1,
			ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo),
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.Out.Host = r.In.Host
				r.Out.Header.Del("Accept-Encoding")
				headers(r.In, r.Out)
			},
		})
		t.Cleanup(proxy.Close)
		return proxy.Listener.Addr().String()
	}
}

// peerIP returns the address of the client that sent the request to the proxy.
func peerIP(in *http.Request) string { return netip.MustParseAddrPort(in.RemoteAddr).Addr().String() }

// traefik discards forwarding headers from clients, and reports the scheme of a WebSocket as wss.
func traefik(in, out *http.Request) {
	out.Header.Set("X-Forwarded-For", peerIP(in))
	out.Header.Set("X-Real-Ip", peerIP(in))
	out.Header.Set("X-Forwarded-Host", in.Host)
	out.Header.Set("X-Forwarded-Proto", "https")
	if websocket.IsWebSocketUpgrade(in) {
		out.Header.Set("X-Forwarded-Proto", "wss")
	}
}

// azure appends the port of the visitor to the address.
func azure(in, out *http.Request) {
	out.Header.Set("X-Forwarded-For", strings.Join(append(in.Header.Values("X-Forwarded-For"), in.RemoteAddr), ", "))
	out.Header.Set("X-Forwarded-Proto", "https")
	out.Header.Set("X-Forwarded-Port", "443")
	out.Header.Set("X-Original-Host", in.Host)
}

func cloudflare(in, out *http.Request) {
	out.Header.Set("X-Forwarded-For", strings.Join(append(in.Header.Values("X-Forwarded-For"), peerIP(in)), ","))
	out.Header.Set("Cf-Connecting-Ip", peerIP(in))
	out.Header.Set("X-Forwarded-Proto", "https")
	out.Header.Set("Cf-Visitor", `{"scheme":"https"}`)
}

const hidden = "[email&#160;protected]"

var (
	address       = regexp.MustCompile(`[\w.+-]+@[\w-]+(\.[\w-]+)+`)
	betweenOptOut = regexp.MustCompile(`(?s)<!--email_off-->.*?<!--/email_off-->`)
)

// hideAddresses replaces the e-mail addresses in a page, except between the comments that switch
// this off.
func hideAddresses(page string) string {
	var kept []string
	page = betweenOptOut.ReplaceAllStringFunc(page, func(part string) string {
		kept = append(kept, part)
		return "\x00"
	})
	page = address.ReplaceAllString(page, hidden)
	for _, part := range kept {
		page = strings.Replace(page, "\x00", part, 1)
	}
	return page
}

func TestFront_TheStandInForCloudflareHidesEMailAddresses(t *testing.T) {
	got := hideAddresses("@kei@town.example <!--email_off-->@aiko@town.example<!--/email_off--> @mio@town.example")
	if want := "@" + hidden + " <!--email_off-->@aiko@town.example<!--/email_off--> @" + hidden; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// hidesUnlessCommented hides e-mail addresses unless comments in the page switch that off, as
// Cloudflare does by default.
func hidesUnlessCommented(response *http.Response) error { return rewrite(response, hideAddresses) }

// hidesUnlessForbidden hides all e-mail addresses unless the response has no-transform (RFC 9111,
// section 5.2.2.6).
func hidesUnlessForbidden(response *http.Response) error {
	if strings.Contains(response.Header.Get("Cache-Control"), "no-transform") {
		return nil
	}
	return rewrite(response, func(page string) string { return address.ReplaceAllString(page, hidden) })
}

// rewrite applies change to a response that is a page.
func rewrite(response *http.Response, change func(page string) string) error {
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		return nil
	}
	page, err := io.ReadAll(response.Body)
	changed := change(string(page))
	response.Body = io.NopCloser(strings.NewReader(changed))
	response.ContentLength = int64(len(changed))
	response.Header.Del("Content-Length")
	return err
}
