package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"time"

	"nagare/store"
	"nagare/web"
)

const (
	shareInterval = 2 * time.Second
	shareBeat     = 10 * time.Second // longest time between two texts of a reader
	shareSilence  = 30 * time.Second // without a new text, the reader has ended
	readerText    = "reader"         // name of the text in the store
)

// sharedText is what the process that reads the sources tells the others.
type sharedText struct {
	Reader  string          // the process
	Since   time.Time       // when it began to read
	Beat    int             // differs from text to text
	Sources json.RawMessage // their states
}

// sharer keeps the states of the sources the same in all processes with one store. Only the
// goroutine of share uses it.
type sharer struct {
	// Set by share, never changed.
	store    store.Store
	timeline *web.Timeline
	log      *slog.Logger

	own     sharedText // the newest text of this process
	putAt   time.Time  // when it was stored
	seen    string     // the newest text in the store
	other   sharedText // the same, decoded
	seenAt  time.Time  // when it was first seen
	unread  bool       // no process reads the sources, and the timeline says so
	doubled bool       // another process reads the sources, too, and the log says so
}

// share runs until ctx ends: the process that reads the sources puts their states into the store, and
// the others take them from there. If several processes read them, the states are those of the one that
// began last. A fault of the store is reported elsewhere.
func share(ctx context.Context, st store.Store, timeline *web.Timeline, reads *atomic.Bool, log *slog.Logger) {
	s := &sharer{store: st, timeline: timeline, log: log, own: sharedText{Reader: rand.Text()}}
	tick := time.NewTicker(shareInterval)
	defer tick.Stop()
	for ctx.Err() == nil { // a tick can be due, too, if the store answers slowly
		if fresh, err := s.look(); err == nil && reads.Load() {
			s.tell()
		} else if err == nil {
			s.adopt(fresh)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look reads the newest text, and reports whether it is a new one.
func (s *sharer) look() (fresh bool, err error) {
	text, found, err := s.store.Get(readerText)
	if err != nil || !found || text == s.seen {
		return false, err
	}
	var other sharedText
	if err := json.Unmarshal([]byte(text), &other); err != nil {
		s.log.Warn("states of the sources not readable", "err", err)
	}
	s.seen, s.other, s.seenAt = text, other, time.Now()
	return true, nil
}

// tell stores the states of the sources of this process, if the store doesn't have them or the next beat
// is due.
func (s *sharer) tell() {
	if s.own.Since.IsZero() {
		s.own.Since, s.unread = time.Now(), false
	}
	if s.other.Reader != s.own.Reader && s.other.Since.After(s.own.Since) && time.Since(s.seenAt) < shareSilence {
		if !s.doubled {
			s.log.Warn("another process reads the sources, too: want --ingest always, INGEST=always in one process only")
		}
		s.doubled = true
		return
	}
	states := s.timeline.SharedSources()
	kept := s.other.Reader == s.own.Reader // or the store has the text of an earlier reader
	if kept && string(states) == string(s.own.Sources) && time.Since(s.putAt) < shareBeat {
		return
	}
	next := s.own
	next.Sources, next.Beat = states, s.own.Beat+1
	text, err := json.Marshal(next)
	if err != nil {
		panic(err) // texts, numbers and times always encode
	}
	if s.store.Put(context.Background(), readerText, string(text)) == nil {
		s.own, s.putAt = next, time.Now()
	}
}

// adopt takes the states of another process. If that has ended, no state is known.
func (s *sharer) adopt(fresh bool) {
	s.own.Since, s.doubled = time.Time{}, false
	switch {
	case fresh && s.other.Sources != nil:
		s.unread = false
		if err := s.timeline.AdoptSources(s.other.Sources); err != nil {
			s.log.Warn("states of the sources not readable", "err", err)
		}
	case s.seen != "" && !s.unread && time.Since(s.seenAt) >= shareSilence:
		s.unread = true
		s.log.Warn("no process reads the sources")
		s.timeline.ForgetStates()
	}
}
