package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Backup copies a store into a new file, also while another process uses the store. A store that
// is opened from the copy begins a new epoch, because the original may have got more events
// since: their positions must not be used again.
func Backup(ctx context.Context, from, to string) error {
	if fresh, err := inspect(from); err != nil || fresh {
		if fresh {
			err = os.ErrNotExist
		}
		return fmt.Errorf("%s: %w", from, reason(err))
	}
	if err := backup(ctx, from, to); err != nil {
		return fmt.Errorf("%s: %w", to, reason(err))
	}
	return nil
}

func backup(ctx context.Context, from, to string) (err error) {
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(to)
		}
	}()
	if err := file.Close(); err != nil { // an empty file, which VACUUM INTO accepts
		return err
	}
	source, err := dial(from, 1, "busy_timeout(5000)", "temp_store(2)")
	if err != nil {
		return err
	}
	_, err = source.ExecContext(ctx, "VACUUM INTO ?", to)
	if err = errors.Join(err, source.Close()); err != nil {
		return err
	}
	copied, err := dial(to, 1, "synchronous(2)")
	if err != nil {
		return err
	}
	_, err = copied.ExecContext(ctx, "UPDATE logs SET epoch=''")
	return errors.Join(err, copied.Close())
}
