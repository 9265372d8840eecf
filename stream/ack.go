package stream

import "context"

type queueKey struct{}

// whenHanded calls f when all that the source of ctx has emitted has been handed on:
// at once, if no queue stands between; never, if the feed ends before. A place that is
// saved must be one that f was told, or what waits in the queue would be lost with it.
//
// F must be quick and not emit; it may run in another goroutine, but never two at a
// time. If nothing is emitted between two calls, only the later f may be called.
func OnDelivered(ctx context.Context, f func()) {
	if b, ok := ctx.Value(queueKey{}).(*queue); ok {
		b.onDelivered(f)
		return
	}
	f()
}
