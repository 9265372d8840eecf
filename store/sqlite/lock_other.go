//go:build !unix

package sqlite

import (
	"context"
	"os"
	"time"
)

const lockWait = 0

// lock relies on the lock that these systems put on a file that is open for writing.
func lock(_ context.Context, path string, _ time.Duration) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}
