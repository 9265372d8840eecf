package stream

import "context"

type queueKey struct{}

// OnDelivered calls f when all ops that the source of ctx has emitted so far are delivered.
// Without a queue, it calls f at once. If the stream ends before the delivery, f is never
// called. A source saves its cursor in f: if it saved the cursor earlier, a crash would lose
// the ops in the queue.
//
// The function f must return quickly, and must not emit. It can run in another goroutine, but
// two calls never overlap. If a source emits nothing between two calls of OnDelivered, only
// the second f is sure to be called.
func OnDelivered(ctx context.Context, f func()) {
	if b, ok := ctx.Value(queueKey{}).(*queue); ok {
		b.onDelivered(f)
		return
	}
	f()
}
