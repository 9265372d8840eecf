package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// TestNginx_TheSampleConfigurationCarriesEverything runs a real nginx with
// deploy/nginx.conf, in which only the addresses and the certificate are changed.
func TestNginx_TheSampleConfigurationCarriesEverything(t *testing.T) {
	nginx := needs(t, "nginx")
	proxies := Proxies{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	f := newFixture(t, func(c *Config) { c.Proxies = proxies })
	seen := make(chan string, 10)
	f.Handler = noted(seen, proxies, f.Handler)
	front := startNginx(t, nginx, f.serveReal())
	visitor := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}} // any address but the proxy's
	client := &http.Client{Transport: &http.Transport{
		DialContext: visitor.DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	defer client.CloseIdleConnections()

	request, err := http.NewRequest(http.MethodGet, "https://"+front+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-For", "192.0.2.66") // the client's invention
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got, want := <-seen, "127.0.0.2:0 https "+front; got != want {
		t.Errorf("the site sees %q, want %q", got, want)
	}
	if response.StatusCode != 200 || response.Header.Get("Strict-Transport-Security") == "" || len(response.Header.Get("X-Request-ID")) != 32 {
		t.Errorf("got %s with %v", response.Status, response.Header)
	}
	for origin, want := range map[string]bool{"https://" + front: true, "http://" + front: false, "https://evil.example": false} {
		if got := connects(front, origin); got != want {
			t.Errorf("a socket from %s: connects is %v, want %v", origin, got, want)
		}
	}
}

// noted tells who asks, by which scheme and for which host, as the site resolves it.
func noted(seen chan<- string, proxies Proxies, next http.Handler) http.Handler {
	note := proxies.resolved(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen <- fmt.Sprintf("%s %s %s", r.RemoteAddr, Scheme(r), r.Host)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note.ServeHTTP(w, r)
		next.ServeHTTP(w, r)
	})
}

// connects opens a socket through nginx and waits for the hub's greeting.
func connects(front, origin string) bool {
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	ws, _, err := dialer.Dial("wss://"+front+"/websocket", http.Header{"Origin": {origin}})
	if err != nil {
		return false
	}
	defer ws.Close()
	_, greeting, err := ws.ReadMessage()
	return err == nil && strings.Contains(string(greeting), "client_connected")
}

// nginxBase is what a distribution's nginx.conf would say around ours, in a
// directory of the test's own.
const nginxBase = `daemon off; pid nginx.pid; events {} http { access_log off;
client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
`

// startNginx runs nginx in a directory of its own until the test ends, and returns
// its address.
func startNginx(t *testing.T, nginx string, site *httptest.Server) string {
	t.Helper()
	dir, front := t.TempDir(), freeAddress(t)
	writeCertificate(t, dir)
	writeFile(t, dir, "nginx.conf", nginxBase+sampleConfig(t, dir, front, site.Listener.Addr().String())+"}")
	cmd := exec.Command(nginx, "-p", dir, "-c", "nginx.conf", "-e", "stderr")
	errors := &strings.Builder{}
	cmd.Stderr = errors
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		if t.Failed() {
			t.Logf("nginx said: %s", errors)
		}
	})
	awaitListener(t, front, ended)
	return front
}

// sampleConfig is deploy/nginx.conf with the addresses and the certificate of the test.
func sampleConfig(t *testing.T, dir, front, site string) string {
	t.Helper()
	sample, err := os.ReadFile("../deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(
		"server 127.0.0.1:8080", "server "+site,
		"listen 443 ssl", "listen "+front+" ssl",
		"/etc/ssl/stream.example.org", dir+"/own",
	).Replace(string(sample))
}

// writeCertificate makes dir/own.pem and dir/own.key, which nobody else knows.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "own.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	writeFile(t, dir, "own.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// awaitListener returns when something answers at addr.
func awaitListener(t *testing.T, addr string, ended <-chan error) {
	t.Helper()
	late, look := time.After(20*time.Second), time.NewTicker(5*time.Millisecond)
	defer look.Stop()
	for {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			t.Fatalf("nginx ended: %v", err)
		case <-late:
			t.Fatalf("nothing answers at %s", addr)
		case <-look.C:
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
