package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nagare/store"
)

// ailing is a store whose health a test sets.
type ailing struct {
	store.Memory
	mu  sync.Mutex
	err error
}

func (a *ailing) Health() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

func (a *ailing) set(err error) {
	a.mu.Lock()
	a.err = err
	a.mu.Unlock()
	time.Sleep(2 * healthInterval)
}

func TestStore_EachChangeOfItsHealthIsInTheLogOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var text strings.Builder
		st := new(ailing)
		done := make(chan struct{})
		go func() {
			defer close(done)
			logHealth(ctx, st, slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: onlyMessage})))
		}()
		full := &store.Fault{Kind: store.Full, Err: errors.New("OOM")}
		st.set(full)
		time.Sleep(time.Hour) // a fault that lasts is not repeated
		st.set(&store.Fault{Kind: store.Away, Err: errors.New("timeout")})
		st.set(&store.Fault{Kind: store.Away, Err: errors.New("refused")}) // too soon
		st.set(nil)
		time.Sleep(time.Hour)
		st.set(full)
		stop()
		<-done
		const fails = `msg="the store fails, new posts wait" err=`
		want := []string{fails + "OOM", fails + "timeout", `msg="the store works again"`, fails + "OOM"}
		if got := strings.Split(strings.TrimSpace(text.String()), "\n"); !slices.Equal(got, want) {
			t.Errorf("got\n%s", text.String())
		}
	})
}

func onlyMessage(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
		return slog.Attr{}
	}
	return a
}

// askedStore is a store that notes whether it was asked for a text.
type askedStore struct {
	store.Memory
	times int
}

func (a *askedStore) Get(string) (string, bool, error) {
	a.times++
	return "", false, nil
}

// A store that hangs would hold up the end of the program.
func TestShare_DoesNotAskTheStoreAfterItsEnd(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	st := new(askedStore)
	share(ctx, st, nil, new(atomic.Bool), slog.New(slog.DiscardHandler))
	if st.times != 0 {
		t.Errorf("asked %d times", st.times)
	}
}
