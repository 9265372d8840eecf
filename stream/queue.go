package stream

import (
	"container/list"
	"context"
	"sync"
	"time"
)

const (
	// QueueLimit is the most ops that a queue holds.
	QueueLimit = 1_024

	// lostInterval is the least time between two notices of dropped posts.
	lostInterval = time.Second
)

// Buffered puts a queue behind src, so that a slow reader doesn't hold up the source. When the
// queue is full, the oldest Create in it is dropped, and a [Lost] notice reports the number of
// dropped posts. Edits, deletions and ops on authors are never dropped: if a full queue holds
// no Create, the source has to wait (backpressure).
func Buffered(src Source) Source {
	return decorated{src, func(ctx context.Context, emit func(Op) error) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		q := newQueue(ctx)
		defer context.AfterFunc(ctx, q.stop)()
		ended := make(chan error, 1)
		go func() {
			err := src.Stream(context.WithValue(ctx, queueKey{}, q), q.put)
			q.close()
			ended <- err
		}()
		if err := q.drain(src, emit); err != nil {
			cancel(err)
			<-ended
			return err
		}
		return <-ended
	}}
}

// queued is an op in the queue.
type queued struct {
	op          Op
	onDelivered func() // called when the op has been delivered; nil if nothing is to be called
}

// queue is the queue of one stream. The source and the reader wait for each other at changed.
type queue struct {
	ctx     context.Context
	mu      sync.Mutex
	changed *sync.Cond

	ops      *list.List // of *queued; guarded by mu, as all below
	creates  int        // number of Creates in ops
	inFlight *queued    // taken out of ops, but not yet delivered; nil if there is none
	closed   bool       // the source will add no more ops
	dropped  uint64     // number of dropped ops that are not reported yet
	reported time.Time  // when dropped ops were last reported
}

func newQueue(ctx context.Context) *queue {
	q := &queue{ctx: ctx, ops: list.New()}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// put appends op. It returns an error if the reader has ended.
func (q *queue) put(op Op) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.ops.Len() >= QueueLimit && q.creates == 0 && op.Kind != Create && q.ctx.Err() == nil {
		q.changed.Wait()
	}
	if q.ctx.Err() != nil {
		return context.Cause(q.ctx)
	}
	q.ops.PushBack(&queued{op: op})
	if op.Kind == Create {
		q.creates++
	}
	if q.ops.Len() > QueueLimit {
		q.dropOldest()
	}
	q.changed.Broadcast()
	return nil
}

// dropOldest drops the oldest Create; there must be one. As soon as the op before it is
// delivered, the dropped op counts as delivered too.
func (q *queue) dropOldest() {
	e := q.ops.Front()
	for e.Value.(*queued).op.Kind != Create {
		e = e.Next()
	}
	before := q.inFlight
	if e.Prev() != nil {
		before = e.Prev().Value.(*queued)
	}
	out := q.remove(e)
	q.dropped++
	if out.onDelivered != nil {
		afterDelivery(before, out.onDelivered)
	}
}

func (q *queue) remove(e *list.Element) *queued {
	w := q.ops.Remove(e).(*queued)
	if w.op.Kind == Create {
		q.creates--
	}
	q.changed.Broadcast()
	return w
}

// onDelivered calls f when all ops that were put in so far are delivered; see [OnDelivered].
func (q *queue) onDelivered(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	last := q.inFlight
	if e := q.ops.Back(); e != nil {
		last = e.Value.(*queued)
	}
	afterDelivery(last, f)
}

// afterDelivery arranges that f is called when w has been delivered. If w is nil, it calls f
// at once.
func afterDelivery(w *queued, f func()) {
	if w == nil {
		f()
		return
	}
	w.onDelivered = f
}

// acknowledge notes that the op in flight has been delivered.
func (q *queue) acknowledge() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.inFlight != nil && q.inFlight.onDelivered != nil {
		q.inFlight.onDelivered()
	}
	q.inFlight = nil
}

// close notes that the source will add no more ops. Those in the queue are still delivered.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.changed.Broadcast()
}

// stop wakes both sides when ctx has ended.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.changed.Broadcast()
}

// drain passes all ops to emit until the queue is closed and empty, or ctx ends. It returns
// the error of emit.
func (q *queue) drain(src Source, emit func(Op) error) error {
	for {
		op, ok := q.next(src)
		if !ok {
			return nil
		}
		if err := emit(op); err != nil {
			return err
		}
		q.acknowledge()
	}
}

// next waits for an op and returns it. It returns false at the end of the queue or of ctx. If
// posts were dropped, it returns a [Lost] notice first, at most once a second, and always
// before the end of the queue.
func (q *queue) next(src Source) (Op, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.ctx.Err() == nil {
		front := q.ops.Front()
		if q.dropped > 0 && (q.closed && front == nil || time.Since(q.reported) >= lostInterval) {
			op := NewNotice(src, Lost, Notice{Count: q.dropped})
			q.dropped, q.reported = 0, time.Now()
			return op, true
		}
		switch {
		case front != nil:
			q.inFlight = q.remove(front)
			return q.inFlight.op, true
		case q.closed:
			return Op{}, false
		}
		q.wait()
	}
	return Op{}, false
}

// wait waits until the queue changes. If posts were dropped, it also returns when the next
// [Lost] notice is due.
func (q *queue) wait() {
	if q.dropped > 0 {
		timer := time.AfterFunc(time.Until(q.reported.Add(lostInterval)), q.stop)
		defer timer.Stop()
	}
	q.changed.Wait()
}
