package sqlite

import "time"

// TruncateAfter returns o with another wait before the write-ahead log is truncated.
func TruncateAfter(o Options, wait time.Duration) Options {
	o.truncateAfter = wait
	return o
}

// FirstSchema is the schema of the first version.
var FirstSchema = migrations[0].sql

// ApplicationID marks a file as a store.
const ApplicationID = applicationID

// Hash is the hash by which a name is found.
var Hash = hash
