package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

const applicationID = 0x4e616761 // "Naga", in the header of the file

// migration changes the schema from one version to the next.
type migration struct {
	sql string
	run func(context.Context, *sql.Conn, Options) error // after the sql, in the same transaction; nil: nothing
	end string                                          // more sql after that
}

// migrations[n] changes the schema from version n to n+1. What has been released never changes.
var migrations = []migration{{sql: `
CREATE TABLE logs (
	id      INTEGER PRIMARY KEY,
	channel TEXT NOT NULL UNIQUE,
	epoch   TEXT NOT NULL,   -- '' in a backup: the store that opens it begins a new epoch
	head    INTEGER NOT NULL -- offset of the newest event
);
CREATE TABLE events (
	log    INTEGER NOT NULL,
	offset INTEGER NOT NULL,
	name   TEXT NOT NULL,    -- of the event, unless its record is erased
	record INTEGER NOT NULL,
	stored INTEGER NOT NULL, -- Unix time in milliseconds, never lower than that of the event before
	PRIMARY KEY (log, offset)
) WITHOUT ROWID;
CREATE TABLE records (
	id        INTEGER PRIMARY KEY, -- in the order of first
	log       INTEGER NOT NULL,
	first     INTEGER NOT NULL,    -- offset of the first event
	last      INTEGER NOT NULL,    -- offset of the newest event
	erased    INTEGER NOT NULL,
	made      INTEGER,             -- Index.Time in milliseconds; NULL: queries don't find the record
	media     INTEGER NOT NULL,
	lang      TEXT NOT NULL,
	source    TEXT NOT NULL,
	author    TEXT NOT NULL,
	key       TEXT NOT NULL,
	tombstone TEXT NOT NULL,       -- name of the event that erased the record
	names     TEXT NOT NULL,       -- Index.Names as a JSON array
	text      TEXT NOT NULL
);
CREATE INDEX records_by_first ON records (log, first, media, lang, source) WHERE made IS NOT NULL;
CREATE INDEX records_by_author ON records (log, author, first) WHERE made IS NOT NULL;
CREATE TABLE bodies (
	record INTEGER PRIMARY KEY,
	data   BLOB NOT NULL,
	state  BLOB
);
CREATE TABLE names (
	hash   INTEGER NOT NULL,
	record INTEGER NOT NULL,
	PRIMARY KEY (hash, record)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(text, content='records', content_rowid='id', tokenize='trigram case_sensitive 1');
INSERT INTO words(words, rank) VALUES('secure-delete', 1);
CREATE TABLE texts (
	name TEXT PRIMARY KEY,
	text TEXT NOT NULL
) WITHOUT ROWID;
`}, {sql: `
DROP INDEX records_by_first;
DROP INDEX records_by_author;
ALTER TABLE records RENAME TO former;
CREATE TABLE records (
	id        INTEGER PRIMARY KEY, -- in the order of first
	log       INTEGER NOT NULL,
	first     INTEGER NOT NULL,    -- offset of the first event
	last      INTEGER NOT NULL,    -- offset of the newest event
	erased    INTEGER NOT NULL,
	made      INTEGER,             -- Index.Time in milliseconds; NULL: queries don't find the record
	key       TEXT NOT NULL,
	tombstone TEXT NOT NULL,       -- name of the event that erased the record
	names     TEXT NOT NULL,       -- Index.Names as a JSON array
	text      TEXT NOT NULL,       -- Index.Text
	terms     TEXT NOT NULL        -- Index.Terms, one a line
);
`, run: convert, end: `
DROP TABLE former;
CREATE INDEX records_by_first ON records (log, first) WHERE made IS NOT NULL;
INSERT INTO words(words, rank) VALUES('automerge', 8); -- merges segments half as often
`}}

// migrate brings the schema to the newest version, in one transaction for each step.
func migrate(ctx context.Context, conn *sql.Conn, o Options) error {
	var version int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	for ; version < len(migrations); version++ {
		if err := migrations[version].apply(ctx, conn, o, version+1); err != nil {
			conn.ExecContext(ctx, "ROLLBACK")
			return fmt.Errorf("schema %d: %w", version+1, err)
		}
	}
	return nil
}

func (m migration) apply(ctx context.Context, conn *sql.Conn, o Options, version int) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE;"+m.sql); err != nil {
		return err
	}
	if m.run != nil {
		if err := m.run(ctx, conn, o); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, m.end+fmt.Sprintf("PRAGMA user_version=%d;COMMIT", version))
	return err
}

// checkSchema returns an error if a table or an index of the newest version is missing.
func checkSchema(ctx context.Context, conn *sql.Conn) error {
	const query = `SELECT count(*) FROM sqlite_schema WHERE name IN
		('logs', 'events', 'records', 'records_by_first', 'bodies', 'names', 'words', 'texts')`
	var n int
	if err := conn.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return err
	}
	if n != 8 {
		return errDamaged
	}
	return nil
}
