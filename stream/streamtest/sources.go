package streamtest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"nagare/stream"
)

// Quiet is a log without output.
var Quiet = slog.New(slog.DiscardHandler)

func Ignore(stream.Op) error { return nil }

// TakenBy runs src behind a queue, reads ten ops a second until stop, and returns the ops that
// were read. It calls look while an op is being delivered: a cursor that is saved at that time
// is what a crash would leave.
func TakenBy(t *testing.T, src stream.Source, stop time.Duration, look func(op stream.Op)) (taken []stream.Op) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stop)
	defer cancel()
	err := stream.Run(ctx, Quiet, stream.Buffered(src), func(op stream.Op) error {
		if op.Notice != nil {
			return nil
		}
		look(op)
		if err := stream.Sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
		taken = append(taken, op)
		return nil
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	return taken
}

// Logged collects a log. Several goroutines can write to it at once.
type Logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *Logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *Logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func DebugLog(to *Logged) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// ErrEnough is returned by emit to end a stream.
var ErrEnough = errors.New("enough")

// LastStatus returns the last notice of a Status among ops.
func LastStatus(ops []stream.Op) stream.Notice {
	all := OpsOf(stream.Status, ops)
	return *all[len(all)-1].Notice
}

// OpsOf returns the ops of one kind.
func OpsOf(kind stream.Kind, ops []stream.Op) (out []stream.Op) {
	for _, op := range ops {
		if op.Kind == kind {
			out = append(out, op)
		}
	}
	return out
}
