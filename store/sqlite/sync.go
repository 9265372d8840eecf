package sqlite

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// syncFile makes the content of a file survive a power cut.
func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// syncDir makes the names of the files in a directory survive a power cut. SQLite does the same when it
// makes a write-ahead log, and so for the store itself and its lock. Windows and some network file systems
// have no operation for that.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err = dir.Sync(); errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}
