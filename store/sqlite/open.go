package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // registers the driver "sqlite"
	lib "modernc.org/sqlite/lib"

	"nagare/hub"
	"nagare/store"
)

// Errors of Open, besides those of the file system.
var (
	errInUse   = errors.New("another process uses it")
	errForeign = errors.New("it is no store of Nagare")
	errDamaged = errors.New("it is damaged: a table or an index is missing")
	errPage    = errors.New("it is damaged: a page of it can't be read; restore a backup")
	errNewer   = errors.New("a newer version of Nagare has written it")
	errLinked  = errors.New("it has another hard link, under which another process could use it")
)

// Options configures a store. Each field can be left zero.
type Options struct {
	Keep    time.Duration // how long events are kept; 0: until the file is full
	MaxSize int64         // bytes of the file, above which the oldest events are dropped; 1 GiB if 0
	Log     *slog.Logger  // slog.Default() if nil

	// Reindex sets the Text and the Terms of a record in a file of an older version, which has no
	// terms. Nil: queries find those records only by their words.
	Reindex func(*hub.Index)

	truncateAfter time.Duration // from an erasure until the write-ahead log is truncated; 10 s if 0
}

const defaultMaxSize = 1 << 30

// Open opens the store in a file, and makes it if there is no file. If another process has the
// store open, Open waits five seconds for it, unless ctx ends before. An error is one line, and leaves an existing file
// unchanged.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	s, err := open(ctx, path, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	}
	return s, nil
}

// reason reduces an error to the part that the operator needs.
func reason(err error) error {
	var failed *sqlite.Error
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return path.Err
	case !errors.As(err, &failed):
		return err
	}
	switch failed.Code() & 0xff {
	case lib.SQLITE_FULL:
		return errors.New("the disk is full")
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN:
		return errors.New("it can't be written")
	case lib.SQLITE_NOTADB:
		return errForeign
	case lib.SQLITE_BUSY:
		return errInUse
	case lib.SQLITE_CORRUPT:
		return errPage
	}
	return errors.New(strings.ReplaceAll(failed.Error(), "\n", " "))
}

// kind returns the kind of an error.
func kind(err error) store.Kind {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return store.Unwritable
	}
	switch failed.Code() & 0xff {
	case lib.SQLITE_FULL:
		return store.Full
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return store.Damaged
	}
	return store.Unwritable
}

func open(ctx context.Context, path string, o Options) (*Store, error) {
	fresh, err := inspect(path)
	if err != nil {
		return nil, err
	}
	s := newStore(path, o)
	if fresh {
		err = create(path)
	}
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err == nil {
		s.lock, err = lock(ctx, path+"-lock", lockWait)
	}
	if err == nil {
		err = oneName(path)
	}
	if err == nil {
		err = s.connect(path, fresh)
	}
	if err == nil {
		err = s.prepare(context.Background())
	}
	if err != nil {
		s.release()
		return nil, err
	}
	s.start()
	return s, nil
}

// create makes an empty file that only its owner can read. SQLite gives its other files the same
// permissions.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// inspect returns an error if a file exists that is no store, or is one of a newer version. It
// reads the header only: SQLite itself would change some files that it opens. The file is fresh
// if it doesn't exist, or is empty.
func inspect(path string) (fresh bool, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	var header [100]byte // https://www.sqlite.org/fileformat.html#the_database_header
	n, err := io.ReadFull(file, header[:])
	switch {
	case n == 0 && err == io.EOF:
		return true, nil
	case err != nil && n == 0:
		return false, err
	case err != nil || string(header[:16]) != "SQLite format 3\x00":
		return false, errForeign
	}
	id, version := binary.BigEndian.Uint32(header[68:]), binary.BigEndian.Uint32(header[60:])
	switch {
	case id != applicationID:
		return false, errForeign
	case version > uint32(len(migrations)):
		return false, errNewer
	}
	return false, nil
}

// connect opens the connections: one that writes, and some that read. A fresh file gets its
// application id first, so that inspect accepts it even if the process is killed now.
func (s *Store) connect(path string, fresh bool) (err error) {
	pragmas := []string{
		"busy_timeout(200)", "journal_mode(WAL)", "synchronous(2)", "secure_delete(1)", "temp_store(2)", "cache_size(-8000)",
		"wal_autocheckpoint(4000)", "journal_size_limit(0)",
	}
	if fresh {
		pragmas = append(pragmas, fmt.Sprintf("application_id(%d)", applicationID)) // the driver sorts them by name
	}
	if s.writer, err = dial(path, 1, pragmas...); err != nil {
		return err
	}
	if s.conn, err = s.writer.Conn(context.Background()); err != nil {
		return err
	}
	pragmas = []string{"busy_timeout(5000)", "query_only(1)", "temp_store(2)", "cache_size(-3000)"}
	if s.readers, err = dial(path, readers, pragmas...); err == nil {
		s.searchers, err = dial(path, searchers, pragmas...)
	}
	return err
}

// How many connections read and search at the same time. A search never holds up the lookup of a new
// post, or a page.
const (
	readers   = 3
	searchers = 2
)

// dial opens connections that run some pragmas first.
func dial(path string, connections int, pragmas ...string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	db, err := sql.Open("sqlite", "file:"+escaped+"?_pragma="+strings.Join(pragmas, "&_pragma="))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// prepare brings the file up to date, and verifies that it can be written.
func (s *Store) prepare(ctx context.Context) error {
	if err := migrate(ctx, s.conn, s.options); err != nil {
		return err
	}
	if err := checkSchema(ctx, s.conn); err != nil {
		return err
	}
	_, err := s.conn.ExecContext(ctx, "INSERT OR REPLACE INTO texts VALUES('store.opened', ?)", time.Now().UTC().Format(time.RFC3339))
	if err == nil {
		_, err = s.truncate(ctx)
	}
	if err == nil {
		err = s.loadLogs(ctx)
	}
	if err == nil {
		s.renewed, err = s.verifyHeads(ctx)
	}
	if err == nil {
		s.byName, err = s.readers.PrepareContext(ctx, byName)
	}
	return err
}

// LogOpened logs what the store holds and, if Open has begun a new epoch, why.
func (s *Store) LogOpened(log *slog.Logger) {
	var events, posts int64
	_ = s.readers.QueryRow("SELECT COUNT(*) FROM events").Scan(&events)
	_ = s.readers.QueryRow("SELECT COUNT(*) FROM records WHERE made IS NOT NULL").Scan(&posts)
	args := []any{"posts", posts, "events", events}
	if s.renewed != "" {
		args = append(args, "new_epoch_because", s.renewed)
	}
	log.Info("store opened", args...)
}
