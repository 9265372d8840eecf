package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

var errExists = errors.New("exists already; give another name")

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
	if err := backup(ctx, from, to); errors.Is(err, errExists) {
		return fmt.Errorf("%s %w", to, err)
	} else if isDamage(err) {
		return fmt.Errorf("%s: %w", from, errPage)
	} else if err != nil {
		return fmt.Errorf("%s: %w", to, reason(err))
	}
	return nil
}

// backup makes the copy under a temporary name, so that a file with the final name is complete.
func backup(ctx context.Context, from, to string) (err error) {
	if _, err := os.Lstat(to); err == nil {
		return errExists
	}
	file, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".*.part") // with mode 0600
	if err != nil {
		return err
	}
	part := file.Name()
	defer os.Remove(part)
	if err := file.Close(); err != nil { // an empty file, which VACUUM INTO accepts
		return err
	}
	if err := vacuum(ctx, from, part); err != nil {
		return err
	}
	if err := syncFile(part); err != nil {
		return err
	}
	if err = os.Link(part, to); errors.Is(err, fs.ErrExist) { // unlike a renaming, replaces no file
		return errExists
	} else if err != nil {
		err = os.Rename(part, to) // some file systems have no links
	}
	if err == nil {
		err = syncDir(filepath.Dir(to))
	}
	return err
}

// vacuum copies a store into an empty file, without its epochs.
func vacuum(ctx context.Context, from, to string) error {
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
