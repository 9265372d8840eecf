package stream

import (
	"container/list"
	"context"
	"sync"
	"time"
)

const (
	// bufferedOps is how many ops wait for a listener who is slower than the source.
	QueueLimit = 1_024

	// lostPause lies between two notices of what was left out.
	lostInterval = time.Second
)

// Buffered is src with a queue in front of it, so that a slow listener doesn't hold
// up the reading. When the queue is full the oldest post in it that is new is left
// out, and a [Lost] tells how many were. Edits, deletes, and what happens to authors
// are never left out: if nothing else is in the queue, the source has to wait.
func Buffered(src Source) Source {
	return decorated{src, func(ctx context.Context, emit func(Op) error) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		b := newQueue(ctx)
		defer context.AfterFunc(ctx, b.stop)()
		ended := make(chan error, 1)
		go func() {
			err := src.Stream(context.WithValue(ctx, queueKey{}, b), b.put)
			b.close()
			ended <- err
		}()
		if err := b.drain(src, emit); err != nil {
			cancel(err)
			<-ended
			return err
		}
		return <-ended
	}}
}

// waiting is an op in the queue.
type queued struct {
	op          Op
	onDelivered func() // called when it has been handed on; nil: nobody wants to know
}

// buffer is the queue. Who puts and who takes wait for one another at changed.
type queue struct {
	ctx     context.Context
	mu      sync.Mutex
	changed *sync.Cond

	ops     *list.List // of *waiting; guarded by mu, as all below
	creates int        // of those
	inHand  *queued    // taken out and not handed on yet; nil if there is none
	closed  bool       // nothing more is put in
	lost    uint64     // left out and not told yet
	told    time.Time  // when that was told last
}

func newQueue(ctx context.Context) *queue {
	b := &queue{ctx: ctx, ops: list.New()}
	b.changed = sync.NewCond(&b.mu)
	return b
}

// put adds op at the end. It returns the reason if nobody will take it any more.
func (b *queue) put(op Op) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.ops.Len() >= QueueLimit && b.creates == 0 && op.Kind != Create && b.ctx.Err() == nil {
		b.changed.Wait()
	}
	if b.ctx.Err() != nil {
		return context.Cause(b.ctx)
	}
	b.ops.PushBack(&queued{op: op})
	if op.Kind == Create {
		b.creates++
	}
	if b.ops.Len() > QueueLimit {
		b.leaveOut()
	}
	b.changed.Broadcast()
	return nil
}

// leaveOut takes the oldest create out, of which there is one. It counts as handed on
// together with what stood before it.
func (b *queue) leaveOut() {
	e := b.ops.Front()
	for e.Value.(*queued).op.Kind != Create {
		e = e.Next()
	}
	before := b.inHand
	if e.Prev() != nil {
		before = e.Prev().Value.(*queued)
	}
	out := b.remove(e)
	b.lost++
	if out.onDelivered != nil {
		afterDelivery(before, out.onDelivered)
	}
}

func (b *queue) remove(e *list.Element) *queued {
	w := b.ops.Remove(e).(*queued)
	if w.op.Kind == Create {
		b.creates--
	}
	b.changed.Broadcast()
	return w
}

// whenHanded is the function of that name, for all that was put in.
func (b *queue) onDelivered(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := b.inHand
	if e := b.ops.Back(); e != nil {
		last = e.Value.(*queued)
	}
	afterDelivery(last, f)
}

// after has f called when w has been handed on, or now if there is no w.
func afterDelivery(w *queued, f func()) {
	if w == nil {
		f()
		return
	}
	w.onDelivered = f
}

// handedOn is told that what was taken out last has been.
func (b *queue) acknowledge() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inHand != nil && b.inHand.onDelivered != nil {
		b.inHand.onDelivered()
	}
	b.inHand = nil
}

// close says that nothing more is put in; what is in is still taken.
func (b *queue) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.changed.Broadcast()
}

// stop wakes all who wait, for ctx has ended.
func (b *queue) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changed.Broadcast()
}

// drain hands all ops to emit until the queue is closed and empty, or ctx ends. What
// emit objects to is returned.
func (b *queue) drain(src Source, emit func(Op) error) error {
	for {
		op, ok := b.next(src)
		if !ok {
			return nil
		}
		if err := emit(op); err != nil {
			return err
		}
		b.acknowledge()
	}
}

// next waits for what is to be emitted now: before the next op what was left out, at
// most once a second, but at the end in any case.
func (b *queue) next(src Source) (Op, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.ctx.Err() == nil {
		front := b.ops.Front()
		if b.lost > 0 && (b.closed && front == nil || time.Since(b.told) >= lostInterval) {
			op := NewNotice(src, Lost, Notice{Count: b.lost})
			b.lost, b.told = 0, time.Now()
			return op, true
		}
		switch {
		case front != nil:
			b.inHand = b.remove(front)
			return b.inHand.op, true
		case b.closed:
			return Op{}, false
		}
		b.wait()
	}
	return Op{}, false
}

// wait ends at a change or, if there is something to tell, when that may be told.
func (b *queue) wait() {
	if b.lost > 0 {
		timer := time.AfterFunc(time.Until(b.told.Add(lostInterval)), b.stop)
		defer timer.Stop()
	}
	b.changed.Wait()
}
