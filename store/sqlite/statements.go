package sqlite

import (
	"context"
	"database/sql"
)

// prepared returns the prepared statement of a text. Only the goroutine that writes uses it.
func (s *Store) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt := s.stmts[text]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(ctx, text)
	if err == nil {
		s.stmts[text] = stmt
	}
	return stmt, err
}

func (s *Store) run(ctx context.Context, text string, args ...any) (sql.Result, error) {
	stmt, err := s.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

func (s *Store) exec(ctx context.Context, text string, args ...any) error {
	_, err := s.run(ctx, text, args...)
	return err
}

// row is a row of a result, or the error why there is none.
type row struct {
	row *sql.Row
	err error
}

func (r row) Scan(to ...any) error {
	if r.err != nil {
		return r.err
	}
	return r.row.Scan(to...)
}

func (s *Store) row(ctx context.Context, text string, args ...any) row {
	stmt, err := s.prepared(ctx, text)
	if err != nil {
		return row{err: err}
	}
	return row{row: stmt.QueryRowContext(ctx, args...)}
}
