//go:build unix

package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks a file, or returns errInUse if another process has locked it.
func tryLock(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errInUse
	}
	return err
}

// links returns how many hard links a file has.
func links(path string) (uint64, error) {
	var info syscall.Stat_t
	err := syscall.Stat(path, &info)
	return uint64(info.Nlink), err
}
