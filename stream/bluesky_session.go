package stream

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// bskyBeat is how often is done what needs no event: authors are asked for, many
	// at once; posts that have waited long enough go out.
	bskyBeat = 300 * time.Millisecond
	// saveEach is how often the cursor is saved.
	saveEach = time.Second
	// bskyAhead is how many events may be read but not processed.
	bskyAhead = 64
)

// bskySession is one connection. Two goroutines share it: one reads and decodes,
// the other, which owns everything here, processes.
type bskySession struct {
	b       *Bluesky
	log     *slog.Logger
	emit    func(Op) error
	conn    *websocket.Conn // the reader reads it, we only ping
	host    string
	opened  bskyCursor // where we were when it was opened
	started bool       // an event has come
	seen    int64      // the latest event, in microseconds
	marked  int64      // how far we were when we last asked whether that is handed on
	hold    bskyHold
	answers chan bskyAnswer
	asking  sync.WaitGroup
	pinged  time.Time
	saved   time.Time // when the cursor was
}

// follow opens a feed and stays with it to its end.
func (b *Bluesky) follow(ctx context.Context, host string, emit func(Op) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	left := b.place()
	conn, err := b.dial(ctx, host, left.from(host))
	if err != nil {
		return err
	}
	s := &bskySession{
		b: b, log: b.log(), emit: emit, conn: conn, host: host, opened: left, seen: left.us, marked: left.us,
		answers: make(chan bskyAnswer, mostAsking), pinged: time.Now(), saved: time.Now(),
	}
	news := make(chan bskyNews, bskyAhead)
	var reading sync.WaitGroup
	reading.Go(func() { newBskyReader(conn, b.narrow()).read(ctx, news) })
	if err = emit(live(b)); err == nil {
		err = s.run(ctx, news)
	}
	cancel()
	conn.Close()
	reading.Wait()
	s.end()
	return err
}

// run processes whatever happens, one thing after the other.
func (s *bskySession) run(ctx context.Context, news <-chan bskyNews) error {
	beat := time.NewTicker(bskyBeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case n := <-news:
			err = s.hear(n)
		case a := <-s.answers:
			err = s.learn(a)
		case now := <-beat.C:
			err = s.beat(ctx, now)
		}
		if err != nil {
			return err
		}
		s.mark(ctx)
	}
}

// beat does what is due.
func (s *bskySession) beat(ctx context.Context, now time.Time) error {
	if batch := s.b.people.next(now); batch != nil {
		s.asking.Go(func() { s.answers <- s.b.lookUp(ctx, batch) }) // there is room for all
	}
	for did, ok := s.hold.due(now.Add(bskyBeat)); ok; did, ok = s.hold.due(now.Add(bskyBeat)) {
		if err := s.release(did); err != nil {
			return err
		}
	}
	if now.Sub(s.saved) >= saveEach {
		s.saved = now
		s.save()
	}
	if now.Sub(s.pinged) < pingEach {
		return nil
	}
	s.pinged = now
	return s.conn.WriteControl(websocket.PingMessage, nil, now.Add(time.Second))
}

// end waits for what was asked, and leaves everything as the next session wants it:
// it asks again, and reads the posts again that still wait.
func (s *bskySession) end() {
	s.asking.Wait()
	close(s.answers)
	for a := range s.answers {
		s.b.people.putBack(a.asked)
	}
	s.save()
	if s.b.own != nil {
		s.b.own.CloseIdleConnections()
	}
}

// mark has the cursor moved to where we are, as soon as all up to there is handed on:
// to the last event, or before the first that waits. Before there is something new it
// leaves alone what is known, which is by the clock of the host before.
func (s *bskySession) mark(ctx context.Context) {
	us := s.seen
	if len(s.hold) > 0 {
		us = min(us, s.hold[0].us-1)
	}
	if us <= s.opened.us || us == s.marked {
		return
	}
	s.marked = us
	whenHanded(ctx, func() { s.b.reach(bskyCursor{us, s.host}) })
}

// save remembers the cursor over a restart.
func (s *bskySession) save() {
	cursor := s.b.place()
	if cursor == s.b.saved {
		return
	}
	s.b.saved = cursor
	if s.b.Saved != nil {
		s.b.odd.note(s.log, s.b.Saved.Put(s.b.savedAs(), cursor.String()))
	}
}
