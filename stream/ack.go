package stream

import "context"

type queueKey struct{}

// OnDelivered calls f when all that the source of ctx has emitted is acknowledged, which
// is at once if there is no queue, and never if the stream ends before. A source saves no
// cursor that is ahead of this: otherwise the ops in the queue would be lost in a crash.
//
// F must return quickly, and must not emit. It may run in another goroutine, but two calls
// never overlap. If nothing is emitted between two calls of OnDelivered, only the later f
// may be called.
func OnDelivered(ctx context.Context, f func()) {
	if b, ok := ctx.Value(queueKey{}).(*queue); ok {
		b.onDelivered(f)
		return
	}
	f()
}
