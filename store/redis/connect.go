package redis

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Verify says how much of a server's certificate is verified.
type Verify string

// The values of Verify.
const (
	VerifyFull Verify = "full" // the certificate is signed by a known authority, for the server's name
	VerifyCA   Verify = "ca"   // the certificate is signed by a known authority
	VerifyNone Verify = "none" // nothing: the server can be any
)

// connector returns a function that makes clients of the servers at u, with that many connections
// each. This package has its own timeouts and retries, instead of those of go-redis.
func connector(u *url.URL, verify Verify) (func(int) redis.UniversalClient, error) {
	switch query := u.Query(); {
	case query.Has("master_name"):
		return sentinels(u, verify)
	case query.Has("addr"):
		return cluster(u, verify)
	}
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, err
	}
	limit(&o.MaxRetries, &o.DialerRetries, &o.PipelinePoolSize, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
	o.TLSConfig, o.ContextTimeoutEnabled, o.MaintNotificationsConfig = verifying(o.TLSConfig, verify), true, noMaintenance
	return sized(*o, func(o *redis.Options, connections int) redis.UniversalClient {
		o.PoolSize = connections
		return redis.NewClient(o)
	}), nil
}

// sentinels is connector for a server that Sentinel names.
func sentinels(u *url.URL, verify Verify) (func(int) redis.UniversalClient, error) {
	o, err := redis.ParseFailoverURL(u.String())
	if err != nil {
		return nil, err
	}
	limit(&o.MaxRetries, &o.DialerRetries, &o.PipelinePoolSize, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
	o.TLSConfig, o.ContextTimeoutEnabled = verifying(o.TLSConfig, verify), true
	return sized(*o, func(o *redis.FailoverOptions, connections int) redis.UniversalClient {
		o.PoolSize = connections
		return redis.NewFailoverClient(o)
	}), nil
}

// cluster is connector for a cluster.
func cluster(u *url.URL, verify Verify) (func(int) redis.UniversalClient, error) {
	o, err := redis.ParseClusterURL(u.String())
	if err != nil {
		return nil, err
	}
	limit(&o.MaxRetries, &o.DialerRetries, &o.PipelinePoolSize, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
	o.TLSConfig, o.ContextTimeoutEnabled, o.MaintNotificationsConfig = verifying(o.TLSConfig, verify), true, noMaintenance
	return sized(*o, func(o *redis.ClusterOptions, connections int) redis.UniversalClient {
		o.PoolSize = connections
		return redis.NewClusterClient(o)
	}), nil
}

// noMaintenance switches off a protocol that only hosted servers have, and that go-redis would ask
// each server for.
var noMaintenance = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}

// sized returns client with options of its own for each call, because go-redis changes them.
func sized[O any](options O, client func(*O, int) redis.UniversalClient) func(int) redis.UniversalClient {
	return func(connections int) redis.UniversalClient {
		o := options
		return client(&o, connections)
	}
}

func limit(retries, dials, pipelines *int, dial, read, write *time.Duration) {
	*retries, *dials, *pipelines = -1, 1, -1
	*dial, *read, *write = dialTimeout, commandTimeout, commandTimeout
}

// verifying makes a TLS configuration verify as much as wanted; nil stays nil.
func verifying(c *tls.Config, verify Verify) *tls.Config {
	if c == nil || verify == VerifyFull {
		return c
	}
	c.InsecureSkipVerify = true
	if verify == VerifyCA {
		c.VerifyConnection = func(state tls.ConnectionState) error { return verifyAuthority(c.RootCAs, state) }
	}
	return c
}

// verifyAuthority verifies the certificates of a connection, but not the name of the server.
func verifyAuthority(roots *x509.CertPool, state tls.ConnectionState) error {
	o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, intermediate := range state.PeerCertificates[1:] {
		o.Intermediates.AddCert(intermediate)
	}
	_, err := state.PeerCertificates[0].Verify(o)
	return err
}
