package bluesky

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
)

const (
	// bskyBeat is how often is done what needs no event: authors are asked for, many
	// at once; posts that have waited long enough go out.
	tickInterval = 300 * time.Millisecond
	// saveEach is how often the cursor is saved.
	saveInterval = time.Second
	// bskyAhead is how many events may be read but not processed.
	readAhead = 64
)

// bskySession is one connection. Two goroutines share it: one reads and decodes,
// the other, which owns everything here, processes.
type session struct {
	b       *Source
	log     *slog.Logger
	emit    func(stream.Op) error
	conn    *websocket.Conn // the reader reads it, we only ping
	host    string
	opened  cursor // where we were when it was opened
	started bool   // an event has come
	seen    int64  // the latest event, in microseconds
	marked  int64  // how far we were when we last asked whether that is handed on
	hold    holdQueue
	answers chan lookupResult
	asking  sync.WaitGroup
	pinged  time.Time
	saved   time.Time // when the cursor was
}

// follow opens a feed and stays with it to its end.
func (b *Source) follow(ctx context.Context, host string, emit func(stream.Op) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	left := b.cursorNow()
	conn, err := b.dial(ctx, host, left.from(host))
	if err != nil {
		return err
	}
	s := &session{
		b: b, log: b.log(), emit: emit, conn: conn, host: host, opened: left, seen: left.us, marked: left.us,
		answers: make(chan lookupResult, mostLookups), pinged: time.Now(), saved: time.Now(),
	}
	news := make(chan received, readAhead)
	var reading sync.WaitGroup
	reading.Go(func() { newReader(conn, b.narrow()).read(ctx, news) })
	if err = emit(stream.NewLive(b)); err == nil {
		err = s.run(ctx, news)
	}
	cancel()
	conn.Close()
	reading.Wait()
	s.close()
	return err
}

// run processes whatever happens, one thing after the other.
func (s *session) run(ctx context.Context, news <-chan received) error {
	beat := time.NewTicker(tickInterval)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case n := <-news:
			err = s.handleEvent(n)
		case a := <-s.answers:
			err = s.applyProfiles(a)
		case now := <-beat.C:
			err = s.onTick(ctx, now)
		}
		if err != nil {
			return err
		}
		s.advanceCursor(ctx)
	}
}

// beat does what is due.
func (s *session) onTick(ctx context.Context, now time.Time) error {
	if batch := s.b.people.next(now); batch != nil {
		s.asking.Go(func() { s.answers <- s.b.lookUp(ctx, batch) }) // there is room for all
	}
	for did, ok := s.hold.expired(now.Add(tickInterval)); ok; did, ok = s.hold.expired(now.Add(tickInterval)) {
		if err := s.releaseHeld(did); err != nil {
			return err
		}
	}
	if now.Sub(s.saved) >= saveInterval {
		s.saved = now
		s.saveCursor()
	}
	if now.Sub(s.pinged) < pingInterval {
		return nil
	}
	s.pinged = now
	return s.conn.WriteControl(websocket.PingMessage, nil, now.Add(time.Second))
}

// end waits for what was asked, and leaves everything as the next session wants it:
// it asks again, and reads the posts again that still wait.
func (s *session) close() {
	s.asking.Wait()
	close(s.answers)
	for a := range s.answers {
		s.b.people.putBack(a.dids)
	}
	s.saveCursor()
	if s.b.own != nil {
		s.b.own.CloseIdleConnections()
	}
}

// mark has the cursor moved to where we are, as soon as all up to there is handed on:
// to the last event, or before the first that waits. Before there is something new it
// leaves alone what is known, which is by the clock of the host before.
func (s *session) advanceCursor(ctx context.Context) {
	us := s.seen
	if len(s.hold) > 0 {
		us = min(us, s.hold[0].us-1)
	}
	if us <= s.opened.us || us == s.marked {
		return
	}
	s.marked = us
	stream.OnDelivered(ctx, func() { s.b.setCursor(cursor{us, s.host}) })
}

// save remembers the cursor over a restart.
func (s *session) saveCursor() {
	cursor := s.b.cursorNow()
	if cursor == s.b.savedCursor {
		return
	}
	s.b.savedCursor = cursor
	if s.b.Store != nil {
		s.note(s.b.Store.Put(s.b.savedAs(), cursor.String()))
	}
}
