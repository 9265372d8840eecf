package redis

import (
	"cmp"
	"context"
	"crypto/x509"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"nagare/store"
)

// schema is the version of the keys and of their content. Nodes with another one can't use them.
const schema = "2"

//go:embed log.lua
var logSource string

//go:embed lease.lua
var leaseSource string

var (
	logScript   = redis.NewScript(logSource)
	leaseScript = redis.NewScript(leaseSource)
)

// key returns the name of a key. All keys of a store have one hash tag, so that a cluster holds
// them on one node.
func (s *Store) key(name string) string { return s.prefix + name }

// run runs an operation on the log of a channel, and notes whether it succeeded.
func (s *Store) run(ctx context.Context, channel, operation string, args ...any) ([]string, error) {
	at := s.key(channel)
	keys := []string{
		at + ":log", at + ":head", at + ":data", at + ":order", at + ":names", at + ":ids:0", at + ":ids:1", s.key("fence"),
	}
	seen := s.newest(channel)
	args = append([]any{operation, schema, seen.epoch, seen.offset, seen.nonce}, args...)
	reply, err := interruptible(ctx, func() ([]string, error) {
		return logScript.Run(ctx, s.client, keys, args...).StringSlice()
	})
	return reply, s.note(ctx, operation, err)
}

// interruptible calls f, which waits for a reply. It returns when ctx ends, although go-redis goes on
// waiting, until commandTimeout or Close.
func interruptible[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		reply T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		reply, err := f()
		done <- result{reply, err}
	}()
	select {
	case r := <-done:
		return r.reply, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// note adds the name of the server to err. Unless ctx has ended, it also notes err as the present
// fault of appends or of all other operations.
func (s *Store) note(ctx context.Context, operation string, err error) error {
	if err != nil {
		err = fmt.Errorf("redis: %s: %w", s.name, explained(err))
	}
	if err == nil || ctx.Err() == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults[operation == "append"] = err
	}
	return err
}

// explained returns an error that says what the operator can do.
func explained(err error) error {
	var (
		unknown x509.UnknownAuthorityError
		other   x509.HostnameError
		invalid x509.CertificateInvalidError
		network *net.OpError
	)
	switch {
	case strings.Contains(err.Error(), "unauthenticated"): // of a server that refuses commands as long as ours
		return fmt.Errorf("NOAUTH the server wants a password (%w)", err)
	case errors.As(err, &unknown) || errors.As(err, &other) || errors.As(err, &invalid):
		return fmt.Errorf("%w (REDIS_TLS_VERIFY says what is verified)", err)
	case errors.As(err, &network) && network.Source != nil && network.Addr != nil:
		// Without the local port, repetitions are equal, and logged once.
		return fmt.Errorf("%s %s: %w", network.Op, network.Addr, network.Err)
	}
	return err
}

// Health implements [store.Store].
func (s *Store) Health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := cmp.Or(s.faults[true], s.faults[false])
	if err == nil {
		return nil
	}
	return &store.Fault{Kind: kind(err), Err: err}
}

// kind returns the kind of a fault. An error that no server has sent means that none was reached.
func kind(err error) store.Kind {
	var reply redis.Error
	has := func(code string) bool { return strings.Contains(err.Error(), code) }
	switch {
	case !errors.As(err, &reply), has("LOADING "), has("CLUSTERDOWN "), has("MASTERDOWN "):
		return store.Away
	case has("OOM "):
		return store.Full
	}
	return store.Unwritable
}

// Retries wait longer each time, but never longer than half a second less than two seconds: after
// the restart of a server, every process must compare what it has seen with what the server has
// within the three seconds in which the server accepts no events (settle in log.lua).
const (
	firstWait   = 100 * time.Millisecond
	longestWait = 1500 * time.Millisecond
)

// pause waits before a retry. It returns an error if ctx has ended.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

var errReply = errors.New("redis: the script's reply has an unexpected form")
