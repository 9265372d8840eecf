package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nginxBase is the part of a distribution's nginx.conf that surrounds the sample configuration.
// Its paths are in a temporary directory of the test.
const nginxBase = `daemon off; pid nginx.pid; user root; worker_rlimit_nofile 16000; events { worker_connections 8000; } http { access_log off;
client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
`

// startNginx runs nginx with deploy/nginx.conf.
func startNginx(t *testing.T, site *httptest.Server) (address string) {
	return runNginx(t, site.Listener.Addr().String(), "nginx.conf", " ssl")
}

// startNginxCache runs nginx with deploy/nginx-cache.conf.
func startNginxCache(t *testing.T, site *httptest.Server) (address string) {
	return runNginx(t, site.Listener.Addr().String(), "nginx-cache.conf", " ssl", "/var/cache/nginx", t.TempDir())
}

// runNginx runs nginx with a file in deploy, in front of a site at an address. Only the addresses, the certificate and the parts in
// oldnew are replaced. ssl follows the address to listen at: " ssl", or empty for plain HTTP.
func runNginx(t *testing.T, site, name, ssl string, oldnew ...string) (address string) {
	nginx := needs(t, "nginx")
	dir, front := t.TempDir(), freeAddress(t)
	writeCertificate(t, dir)
	sample := sampleConfig(t, name, append(oldnew, "server 127.0.0.1:8080", "server "+site,
		"listen 443 ssl", "listen "+front+ssl, "/etc/ssl/stream.example.org", dir+"/own")...)
	writeFile(t, dir, "nginx.conf", nginxBase+sample+"}")
	startProxy(t, front, exec.Command(nginx, "-p", dir, "-c", "nginx.conf", "-e", "stderr"))
	return front
}

// startHAProxy runs HAProxy with deploy/haproxy.cfg. Only the addresses and the certificate are
// replaced.
func startHAProxy(t *testing.T, site *httptest.Server) (address string) {
	haproxy := needs(t, "haproxy")
	dir, front := t.TempDir(), freeAddress(t)
	writeCertificate(t, dir)
	sample := sampleConfig(t, "haproxy.cfg", "server nagare 127.0.0.1:8080", "server nagare "+site.Listener.Addr().String(),
		"bind :443", "bind "+front, "/etc/ssl/stream.example.org.pem", dir+"/both.pem")
	writeFile(t, dir, "haproxy.cfg", sample)
	startProxy(t, front, exec.Command(haproxy, "-db", "-f", filepath.Join(dir, "haproxy.cfg")))
	return front
}

// startProxy runs a proxy until the test ends. It returns when the proxy accepts connections at
// the address.
func startProxy(t *testing.T, address string, cmd *exec.Cmd) {
	t.Helper()
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
			t.Logf("the proxy said: %s", errors)
		}
	})
	awaitListener(t, address, ended)
}

// sampleConfig returns the content of a file in deploy after replacing parts of it. The test fails
// if a part to replace is missing.
func sampleConfig(t *testing.T, name string, oldnew ...string) string {
	t.Helper()
	sample, err := os.ReadFile("../deploy/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(string(sample), oldnew[i]) {
			t.Fatalf("no %q in %s", oldnew[i], name)
		}
	}
	return strings.NewReplacer(oldnew...).Replace(string(sample))
}

// writeCertificate writes a certificate to dir/own.pem, its key to dir/own.key, and both together
// to dir/both.pem.
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
	certPEM := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	keyPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	writeFile(t, dir, "own.pem", certPEM)
	writeFile(t, dir, "own.key", keyPEM)
	writeFile(t, dir, "both.pem", certPEM+keyPEM)
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// awaitListener returns when a connection to addr succeeds.
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
			t.Fatalf("the proxy ended: %v", err)
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
