package web

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"
)

// Texts is the part of a store that keeps texts.
type Texts interface {
	Get(name string) (text string, found bool, err error)
	Put(ctx context.Context, name, text string) error
}

const (
	logoutsText = "logouts" // name of the ended sessions in the store
	mostLogouts = 1000      // that are remembered, those that expire last
)

// logouts are the sessions that a logout has ended before they expire. The zero value has none.
type logouts struct {
	// Set before the first use, never changed.
	texts Texts  // nil: logouts are known to this process only
	tell  func() // tells the other processes

	storing sync.Mutex // held from a Get until the Put that depends on it
	mu      sync.Mutex
	until   map[string]int64 // when the sessions expire, in Unix seconds, by id; guarded by mu
}

// KeepIn makes logouts last over a restart, and hold in all processes with the same texts. It must be called
// before the sessions are used. After each logout, tell is called: all processes must then call Sync.
func (s *Sessions) KeepIn(texts Texts, tell func()) { s.ended.texts, s.ended.tell = texts, tell }

// Sync learns of the logouts in other processes and before a restart.
func (s *Sessions) Sync() error { return s.ended.sync() }

func (l *logouts) add(over session) error {
	l.merge(map[string]int64{over.ID: over.Until.Unix()})
	if l.texts == nil {
		return nil
	}
	if err := l.sync(); err != nil {
		return err
	}
	l.tell()
	return nil
}

func (l *logouts) has(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ended := l.until[id]
	return ended
}

// sync merges what this process and the texts know. If another process stores its logouts at the same time,
// one of the two may be lost from the texts: that process adds it again at its next call.
func (l *logouts) sync() error {
	l.storing.Lock()
	defer l.storing.Unlock()
	text, _, err := l.texts.Get(logoutsText)
	if err != nil {
		return err
	}
	var stored map[string]int64
	_ = json.Unmarshal([]byte(text), &stored) // written by this program
	all := l.merge(stored)
	if maps.Equal(all, stored) {
		return nil
	}
	now, err := json.Marshal(all)
	if err == nil {
		err = l.texts.Put(context.Background(), logoutsText, string(now))
	}
	return err
}

// merge adds sessions, and returns a copy of all. It drops those that have expired and those above mostLogouts.
func (l *logouts) merge(more map[string]int64) map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until = map[string]int64{}
	}
	maps.Copy(l.until, more)
	now := time.Now().Unix()
	maps.DeleteFunc(l.until, func(_ string, until int64) bool { return until < now })
	if n := len(l.until) - mostLogouts; n > 0 {
		last := slices.Sorted(maps.Values(l.until))[n]
		maps.DeleteFunc(l.until, func(_ string, until int64) bool { return until < last })
	}
	return maps.Clone(l.until)
}
