package sqlite

import "time"

// TruncateAfter returns o with another wait before the write-ahead log is truncated.
func TruncateAfter(o Options, wait time.Duration) Options {
	o.truncateAfter = wait
	return o
}
