package streamtest

import (
	"context"
	"net"
)

// pipes is a network without sockets, for tests in virtual time. It is a listener, and its
// Dial connects to that listener.
type pipes struct {
	incoming chan net.Conn
	closed   chan struct{}
}

func NewPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

// Accept returns the server's end of the next connection that Dial opens.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.incoming:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and Dial.
func (p *pipes) Close() error { close(p.closed); return nil }

// Addr is needed for a net.Listener.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// Dial returns the client's end of a new connection. It ignores the address.
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
