package redis_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store/redis"
)

const password = "s3cret-Passw0rd"

func TestOpen_RefusesWhatIsNoAddressAndHidesThePassword(t *testing.T) {
	const escapes = "want the characters / ? # @ of a password as %2F %3F %23 %40"
	for url, want := range map[string]string{
		"http://:" + password + "@host":                  "want an address such as redis://host:6379/0 or rediss://host:6380/0",
		"redis://:" + password + "@%zz":                  "want an address such as redis://host:6379/0 or rediss://host:6380/0",
		"redis://:12/" + password + "@host":              escapes,
		"redis://:12?" + password + "@host":              escapes,
		"redis://:12#" + password + "@host":              escapes,
		"redis:///0":                                     "want an address such as redis://host:6379/0 or rediss://host:6380/0",
		"redis://:" + password + "@host?prefix=a%20b":    `prefix "a b", want 1 to 64 of A-Z a-z 0-9 _ . : -`,
		"redis://:" + password + "@host?colour=blue":     "redis: unexpected option: colour",
		"redis://:" + password + "@host/zero":            `redis: invalid database number: "zero"`,
		"redis://:" + password + "@host?addr=nowhere":    "redis: unable to parse addr param: nowhere",
		"redis://:" + password + "@host?master_name=m&x": "redis: unexpected option: x",
	} {
		_, err := redis.Open(url, redis.Options{Log: quiet})
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", url, err, want)
		}
	}
}

func TestOpen_AcceptsOneServerSentinelsAndAClusterWithoutConnecting(t *testing.T) {
	for _, url := range []string{
		"redis://user:" + password + "@host:6379/3", "rediss://host:6380",
		"redis://sentinel:26379/0?master_name=main&addr=sentinel2:26379", "redis://node1:6379?addr=node2:6379",
	} {
		s, err := redis.Open(url, redis.Options{Log: quiet})
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		s.Close()
	}
}

func TestPassword_IsInNoError(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--requirepass", "another")
	for given, report := range map[string]string{"": "NOAUTH", ":" + password + "@": "WRONGPASS", "user:" + password + "@": "WRONGPASS"} {
		var log bytes.Buffer
		st, err := redis.Open("redis://"+given+s.addr(), redis.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = st.Get("cursor")
		if err == nil || !strings.Contains(err.Error(), report) || strings.Contains(err.Error()+log.String()+st.Health().Error(), password) {
			t.Errorf("%q: the error is %v, the log is %s", given, err, &log)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go st.Append(ctx, channel, []hub.Event{post("a")})
		awaitFault(t, st, report)
		cancel()
		st.Close()
	}
}

// The certificate is signed by an authority that the system knows, for another name than the
// server's address, or by itself.
func TestTLS_VerifiesAsMuchAsIsWanted(t *testing.T) {
	if dir := os.Getenv("CERTIFICATES_OF_A_TEST"); dir != "" {
		verifying(t, dir)
		return
	}
	needServer(t)
	dir := t.TempDir()
	authority := writeCertificate(t, dir, "ca", nil)
	writeCertificate(t, dir, "right", authority)
	writeCertificate(t, dir, "other", authority)
	writeCertificate(t, dir, "self", nil)
	child := exec.Command(os.Args[0], "-test.run", "^TestTLS_VerifiesAsMuchAsIsWanted$") // a process reads the known authorities only once
	child.Env = append(os.Environ(), "SSL_CERT_FILE="+filepath.Join(dir, "ca.pem"), "CERTIFICATES_OF_A_TEST="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

func verifying(t *testing.T, dir string) {
	const hint = "(REDIS_TLS_VERIFY says what is verified)"
	for _, test := range []struct {
		certificate string
		verify      redis.Verify
		accepted    bool
	}{
		{"right", "", true}, {"other", "", false}, {"self", "", false},
		{"right", redis.VerifyCA, true}, {"other", redis.VerifyCA, true}, {"self", redis.VerifyCA, false},
		{"right", redis.VerifyNone, true}, {"other", redis.VerifyNone, true}, {"self", redis.VerifyNone, true},
	} {
		port, files := freePort(t), filepath.Join(dir, test.certificate)
		startServer(t, "--tls-port", port, "--tls-cert-file", files+".pem", "--tls-key-file", files+".key", "--tls-auth-clients", "no")
		st, err := redis.Open("rediss://127.0.0.1:"+port, redis.Options{Verify: test.verify, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = st.Get("cursor")
		if accepted := err == nil; accepted != test.accepted || !accepted && !strings.HasSuffix(err.Error(), hint) {
			t.Errorf("%s, verified %q: %v", test.certificate, test.verify, err)
		}
		st.Close()
	}
}

// signer is a certificate with its key.
type signer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// writeCertificate writes a certificate and its key to files in dir. It is signed by an authority, or
// by itself.
func writeCertificate(t *testing.T, dir, name string, by *signer) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: by == nil, BasicConstraintsValid: true,
	}
	if name == "other" {
		template.IPAddresses = []net.IP{net.ParseIP("127.0.0.9")}
	}
	own := &signer{template, key}
	if by == nil {
		by = own
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	if own.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for suffix, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, name+suffix), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return own
}
