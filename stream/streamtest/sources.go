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

// quiet is a log that nobody reads.
var Quiet = slog.New(slog.DiscardHandler)

func Ignore(stream.Op) error { return nil }

// takenBy runs src behind a queue for a listener who takes ten ops a second, until the
// program is stopped, and returns what he has taken. Look is called while an op is in
// his hands: what is saved then is what a crash leaves.
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

// logged collects a log from any goroutine.
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

// errEnough ends a stream of which enough was heard.
var ErrEnough = errors.New("enough")

// lastStatus is the last state that a source told.
func LastStatus(ops []stream.Op) stream.Notice {
	all := OpsOf(stream.Status, ops)
	return *all[len(all)-1].Notice
}

// opsOf are the ops of a kind.
func OpsOf(kind stream.Kind, ops []stream.Op) (out []stream.Op) {
	for _, op := range ops {
		if op.Kind == kind {
			out = append(out, op)
		}
	}
	return out
}
