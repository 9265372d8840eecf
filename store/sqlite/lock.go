package sqlite

import (
	"context"
	"errors"
	"os"
	"time"
)

// lockWait is how long Open waits for another process to close the store, for example the one
// that a restart has told to stop.
const lockWait = 5 * time.Second

// lock takes the lock of a store. The kernel releases the lock when the file is closed, also if
// the process is killed.
func lock(ctx context.Context, path string, wait time.Duration) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := await(ctx, file, wait); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// await tries to lock a file, again and again while another process has locked it.
func await(ctx context.Context, file *os.File, wait time.Duration) error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for until := time.Now().Add(wait); ; {
		if err := tryLock(file); !errors.Is(err, errInUse) || time.Now().After(until) {
			return err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// oneName returns an error if a file has several hard links. Each name would have a lock and a
// write-ahead log of its own.
func oneName(path string) error {
	n, err := links(path)
	if err == nil && n > 1 {
		err = errLinked
	}
	return err
}
