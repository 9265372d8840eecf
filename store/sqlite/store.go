package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"nagare/hub"
	"nagare/store"
)

// Store is a store in a file. Its methods are safe for concurrent use.
type Store struct {
	// Set by Open, never changed.
	path      string // as the operator has given it
	options   Options
	lock      *os.File
	renewed   string  // why Open has begun a new epoch; empty if it has not
	writer    *sql.DB // of one connection, which is conn
	readers   *sql.DB
	searchers *sql.DB   // for Records of a query
	byName    *sql.Stmt // of readers
	requests  chan *request
	closing   chan struct{} // closed by Close
	closed    chan struct{} // closed when the goroutine that writes has ended

	// Owned by the goroutine that writes.
	conn       *sql.Conn
	stmts      map[string]*sql.Stmt // by their text
	logs       map[string]*logState // by channel
	erasedAt   time.Time            // when words were erased that the write-ahead log may still hold; zero: never
	newestTime int64                // of an event, in milliseconds

	// Safe for concurrent use.
	health  atomic.Pointer[error]
	damaged sync.Once // tells the operator that the file is damaged

	replacing sync.Mutex // held while Replace compares and puts

	mu sync.Mutex

	// Guarded by mu.
	followers map[*follower]bool
	tips      map[string]logState // by channel: as of the last delivery
}

var _ store.Store = (*Store)(nil)

// logState is the newest committed state of a channel's row in logs.
type logState struct {
	id    int64
	epoch string
	head  uint64
}

func (l logState) position(offset uint64) hub.Position {
	return hub.Position{Epoch: l.epoch, Offset: offset}
}

// request is what one call of Append or Put asks the goroutine that writes for.
type request struct {
	ctx     context.Context
	channel string // of Append
	events  []hub.Event
	name    string // of Put
	text    string
	done    chan result // has room for the result
}

func (r *request) isPut() bool { return r.channel == "" }

type result struct {
	positions []hub.Position
	err       error
}

func newStore(path string, o Options) *Store {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	o.MaxSize = cmp.Or(o.MaxSize, defaultMaxSize)
	o.truncateAfter = cmp.Or(o.truncateAfter, truncateAfter)
	return &Store{
		path: path, options: o, requests: make(chan *request, 64), closing: make(chan struct{}), closed: make(chan struct{}),
		stmts: map[string]*sql.Stmt{}, logs: map[string]*logState{}, followers: map[*follower]bool{}, tips: map[string]logState{},
	}
}

var errClosed = errors.New("sqlite: the store is closed")

// Append implements hub.Store.
func (s *Store) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	return s.do(&request{ctx: ctx, channel: channel, events: events, done: make(chan result, 1)})
}

// Put implements store.Store.
func (s *Store) Put(ctx context.Context, name, text string) error {
	if err := s.Health(); err != nil {
		return err
	}
	_, err := s.do(&request{ctx: ctx, name: name, text: text, done: make(chan result, 1)})
	return err
}

// Replace implements store.Store. No other process has the file.
func (s *Store) Replace(ctx context.Context, name, before, text string) (done bool, err error) {
	s.replacing.Lock()
	defer s.replacing.Unlock()
	if now, _, err := s.Get(name); err != nil || now != before {
		return err == nil && now == text, err
	}
	err = s.Put(ctx, name, text)
	return err == nil, err
}

// do passes a request to the goroutine that writes, and waits for the result.
func (s *Store) do(r *request) ([]hub.Position, error) {
	select {
	case s.requests <- r:
	case <-r.ctx.Done():
		return nil, r.ctx.Err()
	case <-s.closed:
		return nil, errClosed
	}
	select {
	case got := <-r.done:
		return got.positions, got.err
	case <-r.ctx.Done():
		return nil, r.ctx.Err()
	case <-s.closed:
		return nil, errClosed
	}
}

// Health implements store.Store.
func (s *Store) Health() error {
	select {
	case <-s.closing:
		return errClosed
	default:
	}
	if err := s.health.Load(); err != nil {
		return *err
	}
	return nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	close(s.closing)
	<-s.closed
	return s.release()
}

// release closes what Open has opened so far. The lock comes last: another process must find the
// file complete.
func (s *Store) release() error {
	var errs []error
	if s.byName != nil {
		errs = append(errs, s.byName.Close())
	}
	for _, db := range []*sql.DB{s.readers, s.searchers} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	for _, stmt := range s.stmts {
		errs = append(errs, stmt.Close()) // or the connection would stay open
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
