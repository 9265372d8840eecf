package web

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// turns bounds how many tasks of one kind run at once, so that a client that asks for many of them
// doesn't take all of the processor and the memory. One client gets half of the turns: the rest of its
// tasks wait before those of others, and not among them.
type turns struct {
	// Set by newTurns, never changed.
	patience time.Duration // longest wait for a turn
	taken    chan struct{} // holds an item for each task that runs

	mu sync.Mutex

	clients map[netip.Prefix]*share // guarded by mu
}

// share is the part of the turns that one client gets.
type share struct {
	taken chan struct{} // holds an item for each task that has entered
	users int           // tasks that have entered or wait; guarded by turns.mu
}

func newTurns(most int, patience time.Duration) *turns {
	return &turns{patience: patience, taken: make(chan struct{}, most), clients: map[netip.Prefix]*share{}}
}

// take waits for a turn, and reports whether one has become free in time. If so, the caller must
// call done after its task.
func (t *turns) take(ctx context.Context) (done func(), ok bool) {
	leave, ok := t.enter(ctx)
	if !ok {
		return nil, false
	}
	free, ok := t.start(ctx)
	if !ok {
		leave()
		return nil, false
	}
	return func() { free(); leave() }, true
}

// enter is the first part of take: it waits until the client has fewer tasks than its share. After
// its task, the caller must call leave. Tasks without a client are not bounded by it.
func (t *turns) enter(ctx context.Context) (leave func(), ok bool) {
	client, _ := ctx.Value(clientKey{}).(netip.Prefix)
	if !client.IsValid() {
		return func() {}, true
	}
	s := t.use(client)
	free, ok := wait(ctx, s.taken, t.patience)
	if !ok {
		t.unuse(client, s)
		return nil, false
	}
	return func() { free(); t.unuse(client, s) }, true
}

// start is the second part of take.
func (t *turns) start(ctx context.Context) (done func(), ok bool) {
	return wait(ctx, t.taken, t.patience)
}

func (t *turns) use(client netip.Prefix) *share {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.clients[client]
	if s == nil {
		s = &share{taken: make(chan struct{}, max(1, cap(t.taken)/2))}
		t.clients[client] = s
	}
	s.users++
	return s
}

func (t *turns) unuse(client netip.Prefix, s *share) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.users--; s.users == 0 {
		delete(t.clients, client)
	}
}

func wait(ctx context.Context, taken chan struct{}, patience time.Duration) (free func(), ok bool) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case taken <- struct{}{}:
		return func() { <-taken }, true
	case <-ctx.Done():
		return nil, false
	}
}

// clientKey is the key of a request's client in the context of the request.
type clientKey struct{}

func withClient(ctx context.Context, client netip.Prefix) context.Context {
	return context.WithValue(ctx, clientKey{}, client)
}
