//go:build unix

package sqlite

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// lockWait is how long Open waits for another process to close the store, for example the one
// that a restart has told to stop.
const lockWait = 5 * time.Second

// lock takes the lock of a store. The kernel releases the lock when the file is closed, also if
// the process is killed.
func lock(ctx context.Context, path string, wait time.Duration) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for until := time.Now().Add(wait); ; {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(until) {
			file.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, errInUse
			}
			return nil, err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		}
	}
}

// oneName returns an error if a file has several hard links. Each name would have a lock and a
// write-ahead log of its own.
func oneName(path string) error {
	var info syscall.Stat_t
	if err := syscall.Stat(path, &info); err != nil {
		return err
	}
	if info.Nlink > 1 {
		return errLinked
	}
	return nil
}
