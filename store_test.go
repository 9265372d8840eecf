package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
	"nagare/store"
)

// slowStore is a store whose Append takes a second. It notes in which order things are stored.
type slowStore struct {
	store.Memory
	health error

	mu    sync.Mutex
	order []string
}

func (s *slowStore) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order = append(s.order, what)
}

func (s *slowStore) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	time.Sleep(time.Second)
	defer s.note("events")
	return s.Memory.Append(ctx, channel, events)
}

func (s *slowStore) Put(ctx context.Context, name, text string) error {
	defer s.note(text)
	return s.Memory.Put(ctx, name, text)
}

func (s *slowStore) Health() error { return s.health }

// A source saves its cursor when its posts are in the queue of the hub. A crash must not lose posts
// for which the saved cursor stands.
func TestTexts_AreStoredAfterTheEventsBeforeThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(slowStore)
		h := hub.New(hub.Options{Store: st})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- h.Run(ctx) }()
		saved := texts{st, h.Channel(channel), t.Context()}
		if err := h.Channel(channel).Enqueue(ctx, hub.Event{Name: "create", Data: json.RawMessage("1")}); err != nil {
			t.Fatal(err)
		}
		if err := saved.Put("cursor", "17"); err != nil {
			t.Fatal(err)
		}
		if len(st.order) != 2 || st.order[1] != "17" {
			t.Errorf("stored in the order %q", st.order)
		}
		st.health = errors.New("full")
		if err := saved.Put("cursor", "18"); err != st.health || len(st.order) != 2 {
			t.Errorf("while the store is full: %v, stored %q", err, st.order)
		}
		stop()
		<-ended
	})
}

// A process that waits for the lock of another one ends at once when it is told to.
func TestStore_AWaitForItsLockEndsWithTheProgramAndIsNoError(t *testing.T) {
	setting := "STORE=" + filepath.Join(t.TempDir(), "nagare.db")
	p := start(t, "SOURCE=none", setting)
	defer p.end()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	begun := time.Now()
	if err := run(ctx, nil, []string{"HOST=127.0.0.1", "PORT=0", "SOURCE=none", setting}, io.Discard, io.Discard); err != nil {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}
