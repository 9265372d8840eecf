package stream

import "context"

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

func (d decorated) waits() waits { return waitsOf(d.src) }
