package redis

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"nagare/hub"
)

// A lease of 10 s is renewed every 3 s, and given up 7 s after it was renewed last. Each process tries
// once a second to acquire it.
const defaultLease = 10 * time.Second

func (o Options) renewEvery() time.Duration  { return o.Lease * 3 / 10 }
func (o Options) giveUpAfter() time.Duration { return o.Lease * 7 / 10 }
func (o Options) tryEvery() time.Duration    { return o.Lease / 10 }

// ErrLeaseLost is the cause of the end of a context of [Store.Lead].
var ErrLeaseLost = errors.New("redis: the lease on the sources is lost")

// Lead calls f whenever this process has the lease on the sources, until ctx ends. Of all
// processes that share the store, at most one has the lease. The context of f ends when the lease
// is lost, or may be lost; the store then refuses what is published or put with that context. After
// f has returned without an error, Lead keeps the lease, so that no other process reads again what
// has been read to its end. Lead returns the error of f.
func (s *Store) Lead(ctx context.Context, f func(context.Context) error) error {
	for ctx.Err() == nil {
		asked := time.Now()
		token, err := s.lend(ctx, "acquire", s.id, s.options.Lease.Milliseconds())
		if err != nil || token == "" {
			pause(ctx, s.options.tryEvery()/2+rand.N(s.options.tryEvery()/2))
			continue
		}
		s.options.Log.Info("this process reads the sources now", "lease", token)
		if err := s.hold(ctx, token, asked, f); !errors.Is(err, ErrLeaseLost) {
			return err
		}
		s.options.Log.Warn("the lease is lost, this process no longer reads the sources", "lease", token)
	}
	return nil
}

// hold calls f, and renews the lease until ctx ends, f fails or the lease is lost. It returns after
// f has, and releases the lease last.
func (s *Store) hold(ctx context.Context, token string, asked time.Time, f func(context.Context) error) error {
	held, lose := context.WithCancelCause(ctx)
	s.setLease(token, lose)
	var renewing sync.WaitGroup
	renewing.Go(func() { s.renew(held, token, asked, lose) })
	err := f(hub.WithFence(held, token))
	if err == nil {
		<-held.Done()
	}
	lost := context.Cause(held) == ErrLeaseLost
	s.setLease("", nil)
	lose(nil)
	renewing.Wait()
	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	s.lend(release, "release", token)
	if lost {
		return ErrLeaseLost
	}
	return err
}

// renew renews a lease, which was asked for at a time, until it is lost or ctx ends. The timer runs on
// the monotonic clock of this process: it ends the lease even if no reply ever comes.
func (s *Store) renew(ctx context.Context, token string, asked time.Time, lose context.CancelCauseFunc) {
	timer := time.AfterFunc(time.Until(asked.Add(s.options.giveUpAfter())), func() { lose(ErrLeaseLost) })
	defer timer.Stop()
	for wait := s.options.renewEvery(); pause(ctx, wait) == nil; {
		asked := time.Now()
		got, err := s.lend(ctx, "renew", token, s.options.Lease.Milliseconds())
		switch {
		case err != nil:
			wait = s.options.tryEvery() / 2
		case got != token:
			lose(ErrLeaseLost)
			return
		case timer.Reset(time.Until(asked.Add(s.options.giveUpAfter()))):
			wait = s.options.renewEvery()
		default:
			return // the timer has ended the lease meanwhile
		}
	}
}

// lend runs an operation on the lease, and returns the token in the reply.
func (s *Store) lend(ctx context.Context, operation string, args ...any) (token string, err error) {
	keys := []string{s.key("lease"), s.key("fence"), s.key("texts")}
	reply, err := interruptible(ctx, func() (string, error) {
		return leaseScript.Run(ctx, s.client, keys, append([]any{operation}, args...)...).Text()
	})
	return reply, s.note(ctx, "lease", err)
}

func (s *Store) setLease(token string, lose context.CancelCauseFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lease, s.lose = token, lose
}

// Get implements [store.Store].
func (s *Store) Get(name string) (text string, found bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	text, err = s.client.HGet(ctx, s.key("texts"), name).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	return text, err == nil, s.note(ctx, "get", err)
}

// Put implements [store.Store].
func (s *Store) Put(ctx context.Context, name, text string) error {
	stored, err := s.put(ctx, hub.FenceOf(ctx), name, text)
	if err == nil && !stored {
		return ErrFenced
	}
	return err
}

// Replace implements [store.Store]. If the reply is lost, the text is there when the client asks again.
func (s *Store) Replace(ctx context.Context, name, before, text string) (done bool, err error) {
	return s.put(ctx, hub.FenceOf(ctx), name, text, before)
}

func (s *Store) put(ctx context.Context, args ...any) (stored bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	reply, err := s.lend(ctx, "put", args...)
	return reply != "", err
}
