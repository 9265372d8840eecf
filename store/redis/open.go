package redis

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options configures a store. Each field can be left zero.
type Options struct {
	// Verify says which certificates of a server are accepted: VerifyFull if empty.
	Verify Verify

	// Keep is how many of a channel's newest events the server keeps; 4,000 if 0.
	Keep int

	// Lease is after which time another process reads the sources, if this one reads them and can't
	// reach the server; 10 s if 0.
	Lease time.Duration

	Log *slog.Logger // slog.Default() if nil
}

// Verify says how much of a server's certificate is verified.
type Verify string

// The values of Verify.
const (
	VerifyFull Verify = "full" // the certificate is signed by a known authority, for the server's name
	VerifyCA   Verify = "ca"   // the certificate is signed by a known authority
	VerifyNone Verify = "none" // nothing: the server can be any
)

const (
	defaultKeep = 4_000
	rememberIDs = 50_000 // ids of records that are remembered at least

	dialTimeout    = 2 * time.Second
	commandTimeout = 3 * time.Second // longest wait for the server's reply
	releaseTimeout = 2 * time.Second // the same for the release of the lease, at the end of the program

	// Connections of one process. Follow has one connection of its own for each channel.
	commandConnections = 3
	followConnections  = 1
)

// Store is a Redis server, or several of them. Its methods are safe for concurrent use.
type Store struct {
	// Set by Open, never changed.
	client  redis.UniversalClient
	connect func(connections int) redis.UniversalClient
	prefix  string // of all keys
	id      string // of this process
	options Options
	name    string // of the server, for messages; without credentials

	mu sync.Mutex

	// Guarded by mu.
	seen   map[string]*seen        // by channel
	faults map[bool]error          // of the newest append (true) and of the newest other operation; nil if it succeeded
	lease  string                  // token of the lease that this process has had last; empty if none
	lose   context.CancelCauseFunc // ends the use of that lease; nil if it has ended
}

// Open makes a store at an address like
//
//	redis://user:password@host:6379/0             one server
//	rediss://…                                    over TLS
//	redis://sentinel:26379/0?master_name=main     a group of servers with Sentinel
//	redis://node1:6379?addr=node2:6379            a cluster
//
// The query can also name the prefix of all keys, as in ?prefix=blog, so that several sites can
// share a server; the default is nagare. Other parameters are those of go-redis. Open doesn't
// connect: the server can be away for now.
func Open(address string, o Options) (*Store, error) {
	o.Verify, o.Keep, o.Lease = cmp.Or(o.Verify, VerifyFull), cmp.Or(o.Keep, defaultKeep), cmp.Or(o.Lease, defaultLease)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss" {
		return nil, errors.New("want an address such as redis://host:6379/0 or rediss://host:6380/0") // the address can contain a password
	}
	// With one of / ? # in a password, the address ends too early: what follows is part of the password.
	if rest := u.Path + u.RawQuery; strings.Contains(rest, "@") || u.Fragment != "" {
		return nil, errors.New("want the characters / ? # @ of a password as %2F %3F %23 %40")
	}
	query := u.Query()
	prefix := cmp.Or(query.Get("prefix"), "nagare")
	if !prefixPattern.MatchString(prefix) {
		return nil, fmt.Errorf("prefix %.70q, want 1 to 64 of A-Z a-z 0-9 _ . : -", prefix)
	}
	query.Del("prefix")
	u.RawQuery = query.Encode()
	redis.SetLogger(&logging.VoidLogger{}) // each fault is an error of a command, too
	connect, err := connector(u, o.Verify)
	if err != nil {
		return nil, err
	}
	return &Store{
		client: connect(commandConnections), connect: connect, prefix: "{" + prefix + "}:", id: rand.Text()[:8],
		options: o, name: u.Host, seen: map[string]*seen{}, faults: map[bool]error{},
	}, nil
}

var prefixPattern = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)

// connector returns a function that makes clients of the servers at u, with that many connections
// each. This package has its own timeouts and retries, instead of those of go-redis.
func connector(u *url.URL, verify Verify) (func(int) redis.UniversalClient, error) {
	off := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	query := u.Query()
	if query.Has("master_name") {
		o, err := redis.ParseFailoverURL(u.String())
		if err != nil {
			return nil, err
		}
		limit(&o.MaxRetries, &o.DialerRetries, &o.PipelinePoolSize, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
		o.TLSConfig, o.ContextTimeoutEnabled = verifying(o.TLSConfig, verify), true
		return func(connections int) redis.UniversalClient {
			o := *o
			o.PoolSize = connections
			return redis.NewFailoverClient(&o)
		}, nil
	}
	if query.Has("addr") {
		o, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, err
		}
		limit(&o.MaxRetries, &o.DialerRetries, &o.PipelinePoolSize, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
		o.TLSConfig, o.ContextTimeoutEnabled, o.MaintNotificationsConfig = verifying(o.TLSConfig, verify), true, off
		return func(connections int) redis.UniversalClient {
			o := *o
			o.PoolSize = connections
			return redis.NewClusterClient(&o)
		}, nil
	}
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, err
	}
	limit(&o.MaxRetries, &o.DialerRetries, &o.PipelinePoolSize, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
	o.TLSConfig, o.ContextTimeoutEnabled, o.MaintNotificationsConfig = verifying(o.TLSConfig, verify), true, off
	return func(connections int) redis.UniversalClient {
		o := *o
		o.PoolSize = connections
		return redis.NewClient(&o)
	}, nil
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

// Close ends all connections. The store must not be used afterwards.
func (s *Store) Close() error { return s.client.Close() }
