package redis

import (
	"cmp"
	"context"
	"crypto/rand"
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

	"nagare/hub"
)

// Options configures a store. Each field can be left zero.
type Options struct {
	// Verify says which certificates of a server are accepted: VerifyFull if empty.
	Verify Verify

	// Keep is how many of a channel's newest events the server keeps; 4,000 if 0.
	Keep int

	// Channels is how many channels the process follows, at most three; 1 if 0.
	Channels int

	// Lease is how long a process keeps the lease without renewing it; then another process reads the
	// sources. 10 s if 0.
	Lease time.Duration

	// Reindex sets the Text and the Terms of a record that an older version has stored, without terms.
	// Nil: queries find those records only by their words.
	Reindex func(*hub.Index)

	Log *slog.Logger // slog.Default() if nil
}

const (
	defaultKeep = 4_000
	rememberIDs = 50_000 // ids of records that are remembered at least

	dialTimeout    = 2 * time.Second
	commandTimeout = 3 * time.Second // longest wait for the server's reply
	releaseTimeout = 2 * time.Second // the same for the release of the lease, at the end of the program

	// Connections of one process. Follow has one of its own for each channel, and commands have the others.
	mostConnections   = 4
	followConnections = 1
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
	lease  string                  // token of the lease of this process; empty if it has none
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
	o.Verify, o.Keep, o.Lease, o.Channels = cmp.Or(o.Verify, VerifyFull), cmp.Or(o.Keep, defaultKeep), cmp.Or(o.Lease, defaultLease), cmp.Or(o.Channels, 1)
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
		client: connect(mostConnections - o.Channels*followConnections), connect: connect, prefix: "{" + prefix + "}:", id: rand.Text()[:8],
		options: o, name: u.Host, seen: map[string]*seen{}, faults: map[bool]error{},
	}, nil
}

var prefixPattern = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)

// Close ends all connections. The store must not be used afterwards.
func (s *Store) Close() error { return s.client.Close() }
