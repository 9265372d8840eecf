package stream

import (
	"context"
	"fmt"
)

// Source is a feed of posts.
type Source interface {
	// Stream emits in order until ctx ends, the feed breaks, or emit objects,
	// and returns the reason. It returns nil if the feed came to its end and
	// has nothing more to say. Whatever it starts has ended when it returns.
	Stream(ctx context.Context, emit func(Op) error) error
}

// Checker is a source that can be tried without being streamed.
type Checker interface {
	// Check says in one line what keeps the feed from being opened, if anything does.
	Check(ctx context.Context) error
}

// Check tries src, if it is a [Checker] or stands in front of one.
func Check(ctx context.Context, src Source) error {
	switch src := src.(type) {
	case decorated:
		return Check(ctx, src.src)
	case Checker:
		return src.Check(ctx)
	}
	return nil
}

// decorated is a source with something between it and who listens. It keeps the name
// and the waits of the source.
type decorated struct {
	src    Source
	stream func(ctx context.Context, emit func(Op) error) error
}

func (d decorated) Stream(ctx context.Context, emit func(Op) error) error { return d.stream(ctx, emit) }

// String is the name of the source.
func (d decorated) String() string { return name(d.src) }

// Network is that of the source.
func (d decorated) Network() string { return network(d.src) }

func (d decorated) Waits() Waits { return waitsOf(d.src) }

// name is what a source is called in the log: its String, or else its type.
func name(src Source) string {
	if s, ok := src.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", src)
}

// network is what src reads, as the Source of its posts, or empty if it doesn't say.
func network(src Source) string {
	if s, ok := src.(interface{ Network() string }); ok {
		return s.Network()
	}
	return ""
}
