package bluesky

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
)

const (
	// tickInterval is the time between two ticks. A tick starts lookups, so that one request
	// has many authors, and releases the held posts that have waited long enough.
	tickInterval = 300 * time.Millisecond
	// saveInterval is how often the cursor is saved.
	saveInterval = time.Second
	// readAhead is how many decoded events may wait to be processed.
	readAhead = 64
)

// session is one connection. Two goroutines share it: the reader reads and decodes messages,
// and run processes them. Run owns all fields.
type session struct {
	b         *Source
	log       *slog.Logger
	emit      func(stream.Op) error
	conn      *websocket.Conn // read by the reader; run only sends pings
	host      string
	resumed   cursor // the cursor when the connection was opened
	started   bool   // an event has arrived
	seen      int64  // time of the latest event, in microseconds
	requested int64  // the cursor for which OnDelivered was last called
	held      holdQueue
	profiles  chan answer[profile]
	posts     chan answer[postView]
	lookups   sync.WaitGroup
	legible   stream.Legibility
	pinged    time.Time
	saved     time.Time // when the cursor was last saved
}

// follow opens a connection and reads it to its end.
func (b *Source) follow(ctx context.Context, host string, emit func(stream.Op) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	left := b.cursorNow()
	conn, err := b.dial(ctx, host, left.from(host))
	if err != nil {
		return err
	}
	b.clock.Connected(left.us == 0)
	s := &session{
		b: b, log: b.log(), emit: emit, conn: conn, host: host, resumed: left, seen: left.us, requested: left.us,
		profiles: make(chan answer[profile], mostLookups), posts: make(chan answer[postView], mostLookups), pinged: time.Now(), saved: time.Now(),
	}
	messages := make(chan received, readAhead)
	var reading sync.WaitGroup
	reading.Go(func() { newReader(conn, b.narrow()).read(ctx, messages) })
	if err = cmp.Or(emit(stream.NewLive(b)), s.emitRefusal()); err == nil {
		err = s.run(ctx, messages)
	}
	cancel()
	conn.Close()
	reading.Wait()
	s.close()
	return err
}

// run processes events, results of lookups, and ticks, one at a time, until ctx or the
// connection ends.
func (s *session) run(ctx context.Context, messages <-chan received) error {
	beat := time.NewTicker(tickInterval)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case n := <-messages:
			err = s.handleEvent(n)
		case a := <-s.profiles:
			err = s.applyProfiles(a)
		case a := <-s.posts:
			err = s.applyPosts(a)
		case now := <-beat.C:
			err = s.onTick(ctx, now)
		}
		if err != nil {
			return err
		}
		s.advanceCursor(ctx)
	}
}

// onTick starts a lookup, releases posts, saves the cursor and sends a ping, each if it is
// due.
func (s *session) onTick(ctx context.Context, now time.Time) error {
	if batch := s.b.lookups.next(now); batch != nil {
		s.lookups.Go(func() { s.profiles <- s.b.lookUpProfiles(ctx, batch) }) // profiles has room for all, so this never blocks
	}
	if batch := s.b.quotes.next(now); batch != nil {
		s.lookups.Go(func() { s.posts <- s.b.lookUpPosts(ctx, batch) })
	}
	next := now.Add(tickInterval - s.b.lookups.patience())
	for did, ok := s.held.expired(next); ok; did, ok = s.held.expired(next) {
		if err := s.releaseExpired(did); err != nil {
			return err
		}
	}
	if now.Sub(s.saved) >= saveInterval {
		s.saved = now
		s.saveCursor()
		if err := s.emitDropped(); err != nil {
			return err
		}
	}
	if now.Sub(s.pinged) < pingInterval {
		return nil
	}
	s.pinged = now
	return s.conn.WriteControl(websocket.PingMessage, nil, now.Add(time.Second))
}

// close waits for the lookups in progress and discards their profiles: the next session repeats
// them, and reads the held posts again.
func (s *session) close() {
	s.lookups.Wait()
	close(s.profiles)
	close(s.posts)
	for a := range s.profiles {
		s.b.lookups.putBack(a.keys)
	}
	for a := range s.posts {
		s.b.quotes.putBack(a.keys)
	}
	s.saveCursor()
	if s.b.Client == nil {
		s.b.client.CloseIdleConnections()
	}
}

// advanceCursor moves the cursor to the latest event or, while posts are held, to just before
// the first of them. The move happens when everything before is delivered. Without a newer
// event the old cursor stays, because its time is by the clock of the previous host.
func (s *session) advanceCursor(ctx context.Context) {
	us := s.seen
	if len(s.held) > 0 {
		us = min(us, s.held[0].us-1)
	}
	if us <= s.resumed.us || us == s.requested {
		return
	}
	s.requested = us
	stream.OnDelivered(ctx, func() { s.b.setCursor(cursor{us, s.host}) })
}

// saveCursor saves the cursor if it has changed.
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
