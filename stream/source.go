package stream

import (
	"context"
	"fmt"
)

// Source is a stream of posts. A source can have further methods; without them, the defaults in
// parentheses apply:
//
//	String() string     its name in the log and on the page (its type)
//	Network() string    the [Network.ID] of its posts (unknown)
//	Waits() Waits       the network's rules for reconnecting (from 250 ms to 16 s)
//	Check(ctx) error    see [Checker] (nothing is checked)
//	Quota() Quota       how much of its limit is used, at any time and without waiting (unknown)
//
// [Buffered] and [Filtered] keep these methods.
type Source interface {
	// Stream emits ops in order until ctx ends, the connection breaks, or emit fails, and
	// returns the reason. It returns nil at the end of a source that ends by itself. Before
	// Stream returns, all goroutines that it started have ended.
	Stream(ctx context.Context, emit func(Op) error) error
}

// Checker is a source that can be tested without being streamed.
type Checker interface {
	// Check returns an error of one line that says why the source can't be opened, or nil if
	// it can.
	Check(ctx context.Context) error
}

// Check tests src, if it is a [Checker] or wraps one.
func Check(ctx context.Context, src Source) error {
	switch src := src.(type) {
	case decorated:
		return Check(ctx, src.src)
	case Checker:
		return Plain(src.Check(ctx))
	}
	return nil
}

// decorated is src with another Stream function. The name, the network and the waits remain
// those of src.
type decorated struct {
	src    Source
	stream func(ctx context.Context, emit func(Op) error) error
}

func (d decorated) Stream(ctx context.Context, emit func(Op) error) error { return d.stream(ctx, emit) }

// String is the name of the source.
func (d decorated) String() string { return name(d.src) }

// Network is the id of the network of the source.
func (d decorated) Network() string { return network(d.src) }

func (d decorated) Waits() Waits { return waitsOf(d.src) }

// Quota is how much of its limit the source has used.
func (d decorated) Quota() Quota { return quota(d.src) }

// name is the name of a source in the log: its String or, if it has none, its type.
func name(src Source) string {
	if s, ok := src.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", src)
}

// network is the id of the network that src reads, or empty.
func network(src Source) string {
	if s, ok := src.(interface{ Network() string }); ok {
		return s.Network()
	}
	return ""
}
