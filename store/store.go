package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"nagare/hub"
)

// Store is all that the program keeps. Its methods are safe for concurrent use.
type Store interface {
	hub.Store // Append and Follow

	// Find returns the records of a channel that have one of the names as their Key or among
	// their Names, oldest first. It also returns erased records.
	Find(ctx context.Context, channel string, names ...string) ([]Record, error)

	// Records returns the newest records of a channel that match q, newest first. It returns no
	// erased record, and none whose Index has no Time. If q.Before is of another epoch, it
	// returns ErrEpoch.
	//
	// A call looks at a bounded number of records, so it can return fewer than q.Limit, even none,
	// although older ones match. Older is the position before which to search on, or zero if all
	// records have been looked at.
	Records(ctx context.Context, channel string, q Query) (records []Record, older hub.Position, err error)

	// At returns the position before the first event that was stored at a time or later.
	At(ctx context.Context, channel string, at time.Time) (hub.Position, error)

	// Counts returns how many of the records that Records can return are new in each of n
	// intervals, the first of which begins at from: their first event was stored in it. Records
	// whose first event the store has dropped are not counted.
	Counts(ctx context.Context, channel string, from time.Time, step time.Duration, n int) ([]int, error)

	// Get returns the text that was put under a name, and reports whether there is one.
	Get(name string) (text string, found bool, err error)

	// Put stores a text under a name. It returns once the text is stored as firmly as events
	// are. While the store can't take events, Put fails at once. With a context of a lease, from
	// [hub.WithFence], it also fails once another process has the lease.
	Put(ctx context.Context, name, text string) error

	// Replace stores a text like Put, but only if the one before is still under the name, or none is and
	// before is empty. It reports whether the text is under the name. Each name is for Put or for Replace.
	Replace(ctx context.Context, name, before, text string) (done bool, err error)

	// Health returns why the store can't take events at present, or nil if it can. The error is
	// one line for the operator, without any secret, but it can name a host or a file: [KindOf]
	// returns what everybody may read.
	Health() error

	// Close releases everything that another process may wait for. It must not be called while
	// another method runs.
	Close() error
}

// Record is the newest state of a record.
type Record struct {
	Key    string
	First  hub.Position    // of its first event; pages are in this order
	Last   hub.Position    // of its newest event
	Erased bool            // the newest event is a tombstone
	Data   json.RawMessage // of the newest event
	Index  hub.Index       // of the newest event; if Erased, only Names
}

// ErrEpoch is returned for a position of another epoch than the channel's.
var ErrEpoch = errors.New("store: a position of another epoch")
