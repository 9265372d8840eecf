package streamtest

import (
	"context"
	"net"
)

// pipes are a network without sockets, for tests with virtual time.
type pipes struct {
	incoming chan net.Conn
	closed   chan struct{}
}

func NewPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

// Accept returns the other end of the next dial.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.incoming:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (p *pipes) Close() error { close(p.closed); return nil }

// Addr satisfies net.Listener.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// Dial returns one end of a pipe. The address does not matter.
func (p *pipes) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.incoming <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
