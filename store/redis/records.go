package redis

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"nagare/hub"
	"nagare/store"
)

// Find implements [store.Store].
func (s *Store) Find(ctx context.Context, channel string, names ...string) ([]store.Record, error) {
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = name
	}
	reply, err := s.run(ctx, channel, "find", args...)
	if err != nil {
		return nil, err
	}
	records, err := s.parseRecords(reply)
	slices.SortFunc(records, func(a, b store.Record) int {
		p, q := fromHub(a.First), fromHub(b.First)
		return cmp.Or(cmp.Compare(p.epoch, q.epoch), cmp.Compare(p.offset, q.offset))
	})
	return records, err
}

// parts is how many parts of the log one search looks at. Each has 500 records.
const parts = 20

// Records implements [store.Store]. It looks at 10,000 records at most.
func (s *Store) Records(ctx context.Context, channel string, q store.Query) (records []store.Record, older hub.Position, err error) {
	before := fromHub(q.Before)
	if before.epoch == 0 && q.Before != (hub.Position{}) {
		return nil, older, store.ErrEpoch
	}
	for range parts {
		part, next, err := s.part(ctx, channel, q, before)
		if err != nil {
			return nil, older, err
		}
		before, older = next, hub.Position{}
		if before.offset > 0 {
			older = before.hub()
		}
		for _, r := range part {
			if !q.Accepts(&r.Index) {
				continue
			}
			if records = append(records, r); len(records) == q.Limit {
				return records, r.First, nil
			}
		}
		if before.offset == 0 {
			break
		}
	}
	return records, older, nil
}

// part returns the records of one part of the log that can match, and the position before which to
// search on, whose offset is 0 at the end.
func (s *Store) part(ctx context.Context, channel string, q store.Query, before position) (records []store.Record, next position, err error) {
	args := []any{before.epoch, before.offset, q.Limit, len(q.Terms)}
	for _, want := range slices.Concat(q.Terms, q.Words) {
		args = append(args, want)
	}
	reply, err := s.run(ctx, channel, "records", args...)
	switch {
	case err != nil:
		return nil, next, err
	case len(reply) == 1 && reply[0] == "EPOCH":
		return nil, next, store.ErrEpoch
	case len(reply) < 2:
		return nil, next, errReply
	}
	if records, err = s.parseRecords(reply[2:]); err == nil {
		next, err = parsePosition(reply[0], reply[1])
	}
	return records, next, err
}

// parseRecords parses what describe in log.lua makes of records.
func (s *Store) parseRecords(reply []string) ([]store.Record, error) {
	const fields = 8
	if len(reply)%fields != 0 {
		return nil, errReply
	}
	var records []store.Record
	for ; len(reply) > 0; reply = reply[fields:] {
		first, err := parseID(reply[1])
		if err != nil {
			return nil, err
		}
		last, err := parseID(reply[2])
		if err != nil {
			return nil, err
		}
		r := store.Record{Key: reply[0], First: first.hub(), Last: last.hub(), Erased: reply[3] != ""}
		if reply[4] != "" {
			r.Data = json.RawMessage(reply[4])
		}
		if r.Index, err = s.parseIndex(reply[5], reply[6], reply[7]); err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}
