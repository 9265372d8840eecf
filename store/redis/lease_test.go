package redis_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store/redis"
)

// reader leads on a store until the test ends, as a process that reads the sources does.
type reader struct {
	store  *redis.Store
	leases chan context.Context // gets the context of each lease
	stop   func()               // ends it, and waits
}

func lead(t testing.TB, s *redis.Store) *reader {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &reader{store: s, leases: make(chan context.Context, 10)}
	var work sync.WaitGroup
	work.Go(func() {
		s.Lead(ctx, func(ctx context.Context) error {
			r.leases <- ctx
			<-ctx.Done()
			return ctx.Err()
		})
	})
	r.stop = func() {
		stop()
		work.Wait()
	}
	t.Cleanup(r.stop)
	return r
}

// lease waits for the next lease, and returns its context.
func (r *reader) lease(t testing.TB) context.Context {
	t.Helper()
	select {
	case ctx := <-r.leases:
		return ctx
	case <-time.After(20 * time.Second):
		t.Fatal("no lease in 20 s")
		return nil
	}
}

// publish appends an event with the context of a lease, as a hub does.
func (r *reader) publish(ctx context.Context, key string) (hub.Position, error) {
	ev := post(key)
	ev.Fence = hub.FenceOf(ctx)
	positions, err := r.store.Append(context.Background(), channel, []hub.Event{ev})
	if err != nil {
		return hub.Position{}, err
	}
	return positions[0], nil
}

func TestLease_PassesToAnotherProcessAsSoonAsItIsReleased(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	a := lead(t, s.open())
	held := a.lease(t)
	b := lead(t, s.open())
	select {
	case <-b.leases:
		t.Fatal("two processes have the lease")
	case <-time.After(lease / 2): // longer than the time between two attempts
	}
	a.stop()
	released := time.Now()
	b.lease(t)
	if took := time.Since(released); took > lease/2 {
		t.Errorf("it took %v", took)
	}
	if held.Err() == nil {
		t.Error("the first process still has the lease")
	}
}

// The lease is renewed for longer than it lives. It lives so long that a loaded machine doesn't delay
// the renewals until the process gives it up, which is 4/10 of its life.
func TestLease_IsKeptWhileItIsRenewed(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	const life = 3 * lease
	store, err := redis.Open(s.url(), redis.Options{Lease: life, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	leader := lead(t, store)
	defer leader.stop()
	held := leader.lease(t)
	select {
	case <-held.Done():
		t.Errorf("lost: %v", context.Cause(held))
	case <-time.After(3 * life / 2):
	}
}

func TestLease_IsGivenUpBeforeItExpiresIfTheServerIsOutOfReach(t *testing.T) {
	for name, fault := range map[string]faults{"refused": {refuse: true}, "stalled": {stall: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			cut := startProxy(t, s.addr())
			a := lead(t, openStore(t, "redis://"+cut.addr()))
			held := a.lease(t)
			b := lead(t, s.open())
			cut.set(fault)
			began := time.Now()
			<-held.Done()
			if took := time.Since(began); took < lease*4/10-50*time.Millisecond || took > lease*8/10 {
				t.Errorf("given up after %v, want 4 to 7 tenths of %v", took, lease)
			}
			b.lease(t)
			if took := time.Since(began); took > lease*13/10 {
				t.Errorf("another process has the lease after %v, want at most %v and an attempt", took, lease)
			}
			cut.set(faults{})
			if _, err := a.publish(held, "late"); !errors.Is(err, redis.ErrFenced) {
				t.Errorf("a late event of the first process: %v, want ErrFenced", err)
			}
		})
	}
}

func TestFence_RefusesTheEventsAndTextsOfAnEarlierLease(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	a := lead(t, s.open())
	held := a.lease(t)
	if _, err := a.publish(held, "in time"); err != nil {
		t.Fatal(err)
	}
	if err := a.store.Put(held, "cursor", "1"); err != nil {
		t.Fatal(err)
	}
	s.do("del", "{nagare}:lease") // as if the process had been paused until the lease expired
	b := lead(t, s.open())
	now := b.lease(t)
	if err := b.store.Put(now, "cursor", "2"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.publish(held, "late"); !errors.Is(err, redis.ErrFenced) {
		t.Errorf("a late event: %v, want ErrFenced", err)
	}
	if err := a.store.Put(context.WithoutCancel(held), "cursor", "1"); !errors.Is(err, redis.ErrFenced) {
		t.Errorf("a late text: %v, want ErrFenced", err)
	}
	if err := a.store.Put(t.Context(), "settings", "1"); err != nil {
		t.Errorf("a text without a lease: %v", err)
	}
	if text, _, err := a.store.Get("cursor"); text != "2" || err != nil {
		t.Errorf("the text is %q, %v", text, err)
	}
	if at, err := b.publish(now, "later"); err != nil || at.Offset != 2 {
		t.Errorf("the next event of the new process is at %v, %v", at, err)
	}
	if at, err := a.publish(context.Background(), "by hand"); err != nil || at.Offset != 3 {
		t.Errorf("an event without a lease is at %v, %v", at, err)
	}
	select {
	case <-held.Done():
		if !errors.Is(context.Cause(held), redis.ErrLeaseLost) {
			t.Errorf("the first lease ended with %v", context.Cause(held))
		}
	case <-time.After(lease / 10): // less than the time between two renewals
		t.Error("the first process doesn't notice that it has lost the lease")
	}
}

func TestLease_IsLostOnceAnotherProcessHasIt(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	held := lead(t, s.open()).lease(t)
	s.do("del", "{nagare}:lease") // as if the process had been paused until the lease expired
	now := lead(t, s.open()).lease(t)
	select {
	case <-held.Done():
	case <-time.After(lease / 2): // longer than the time between two renewals
		t.Error("the first process doesn't notice that it has lost the lease")
	}
	if now.Err() != nil {
		t.Error("the first process has taken the lease back")
	}
}

// The server's clock is set back by a day, when the holder of the lease has just died.
func TestLease_IsFreeAlthoughTheClockWentBack(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.do("set", "{nagare}:lease", "1:dead", "px", (24 * time.Hour).Milliseconds())
	s.do("set", "{nagare}:fence", "1:dead")
	began := time.Now()
	lead(t, s.open()).lease(t)
	if took := time.Since(began); took > lease {
		t.Errorf("it took %v", took)
	}
}

// A flush removes the fence, so that the number of the next lease is 1 again, as that of the first.
func TestFence_HoldsAfterAFlush(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	a := lead(t, s.open())
	held := a.lease(t)
	s.do("flushall")
	b := lead(t, s.open())
	now := b.lease(t)
	if _, err := a.publish(held, "late"); !errors.Is(err, redis.ErrFenced) {
		t.Errorf("a late event: %v, want ErrFenced", err)
	}
	if _, err := b.publish(now, "later"); err != nil {
		t.Errorf("an event of the new process: %v", err)
	}
}

// Sources such as a recording end. The process keeps the lease, or another one would play the recording
// once more.
func TestLease_IsKeptAfterTheSourcesHaveEnded(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan struct{})
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	a := s.open()
	work.Go(func() {
		a.Lead(ctx, func(context.Context) error {
			close(ended)
			return nil
		})
	})
	<-ended
	b := lead(t, s.open())
	select {
	case <-b.leases:
		t.Error("another process has the lease")
	case <-time.After(3 * lease / 2):
	}
}
