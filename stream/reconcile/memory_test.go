//go:build !race

package reconcile

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/internal/lines"
	"nagare/stream/internal/text"
	"nagare/stream/streamtest"
)

// longPosts is a source made of one function.
type longPosts func(ctx context.Context, emit func(stream.Op) error) error

func (f longPosts) Stream(ctx context.Context, emit func(stream.Op) error) error { return f(ctx, emit) }

// The reconciler keeps the last thousand posts in full. Each of these posts was 256 KiB long
// before it was bounded.
func TestReconciler_AThousandLongPostsTakeAtMost128KiBEach(t *testing.T) {
	l := New(streamtest.Ignore, nil)
	before := streamtest.Heap()
	src := stream.Bounded(longPosts(func(_ context.Context, emit func(stream.Op) error) error {
		for i := range fullPosts {
			long := strings.Repeat(fmt.Sprintf("%04d", i), lines.MaxLine/64)
			op := streamtest.Created(fmt.Sprint(i))
			op.Post.Text = text.Cut(long, []text.Span{{Start: 10, End: 20, Segment: stream.Segment{Kind: stream.Mention}}}, text.Unescape)
			if err := emit(op); err != nil {
				return err
			}
		}
		return nil
	}))
	if err := src.Stream(t.Context(), l.Emit); err != nil {
		t.Fatal(err)
	}
	if took := int64(streamtest.Heap()) - int64(before); took > 2*fullPosts*(64<<10) {
		t.Errorf("the reconciler holds %d MiB", took>>20)
	}
	runtime.KeepAlive(l)
}
