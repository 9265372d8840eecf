package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"nagare/hub"
)

// former is a record of schema 1.
type former struct {
	columns
	log, first, last int64
}

// convert copies the records of schema 1, and adds their terms.
func convert(ctx context.Context, conn *sql.Conn, o Options) error {
	tx := &transaction{Store: &Store{conn: conn, stmts: map[string]*sql.Stmt{}}}
	defer func() {
		for _, stmt := range tx.stmts {
			stmt.Close()
		}
	}()
	for after := int64(0); ; {
		batch, err := formerAfter(ctx, conn, after)
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, r := range batch {
			if err := tx.convert(ctx, r, o.Reindex); err != nil {
				return err
			}
			after = r.id
		}
	}
}

// formerAfter returns the next records after one.
func formerAfter(ctx context.Context, conn *sql.Conn, id int64) (batch []former, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT r.id, r.log, r.first, r.last, r.erased, r.made, r.key, r.tombstone, r.names, r.text, b.state
		FROM former r JOIN bodies b ON b.record=r.id WHERE r.id>? ORDER BY r.id LIMIT 500`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r former
		err := rows.Scan(&r.id, &r.log, &r.first, &r.last, &r.erased, &r.made, &r.key, &r.tombstone, &r.names, &r.text, &r.state)
		if err != nil {
			return nil, err
		}
		batch = append(batch, r)
	}
	return batch, rows.Err()
}

// convert adds one record to the new table, and what has changed to the indexes.
func (tx *transaction) convert(ctx context.Context, r former, reindex func(*hub.Index)) error {
	now := r.indexed
	if r.made.Valid && reindex != nil {
		x := found{r.made, r.text, ""}.index()
		x.Names, x.State = namesIn(r.names), r.state
		reindex(x)
		now.text, now.terms = x.Text, strings.Join(x.Terms, "\n")
	}
	err := tx.exec(ctx, "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.id, r.log, r.first, r.last, r.erased, r.made, r.key, r.tombstone, r.names, now.text, now.terms)
	if err == nil && now.text != r.text {
		err = tx.unlink(ctx, r.log, r.indexed, now)
	}
	if err == nil {
		err = tx.link(ctx, r.log, now, r.indexed)
	}
	return err
}
