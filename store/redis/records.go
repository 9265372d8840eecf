package redis

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

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
	records, err := parseRecords(reply)
	slices.SortFunc(records, func(a, b store.Record) int {
		p, q := fromHub(a.First), fromHub(b.First)
		return cmp.Or(cmp.Compare(p.epoch, q.epoch), cmp.Compare(p.offset, q.offset))
	})
	return records, err
}

// Records implements [store.Store].
func (s *Store) Records(ctx context.Context, channel string, q store.Query) ([]store.Record, error) {
	before := fromHub(q.Before)
	if before.epoch == 0 && q.Before != (hub.Position{}) {
		return nil, store.ErrEpoch
	}
	var records []store.Record
	for len(records) < q.Limit {
		args := []any{before.epoch, before.offset, q.Author, q.Lang, q.Source, flag(q.Media), q.Limit - len(records)}
		for _, word := range strings.Fields(q.Text) {
			args = append(args, word)
		}
		reply, err := s.run(ctx, channel, "records", args...)
		if err != nil {
			return nil, err
		}
		if len(reply) == 1 && reply[0] == "EPOCH" {
			return nil, store.ErrEpoch
		}
		if len(reply) < 2 {
			return nil, errReply
		}
		part, err := parseRecords(reply[2:])
		if err != nil {
			return nil, err
		}
		records = append(records, part...)
		if before, err = parsePosition(reply[0], reply[1]); err != nil || before.offset == 0 {
			return records, err
		}
	}
	return records, nil
}

// parseRecords parses what describe in log.lua makes of records.
func parseRecords(reply []string) ([]store.Record, error) {
	const fields = 7
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
		if reply[6] != "" {
			if err := json.Unmarshal([]byte(reply[6]), &r.Index); err != nil {
				return nil, err
			}
		}
		if reply[5] != "" {
			r.Index.Names = strings.Split(reply[5], "\n")
		}
		records = append(records, r)
	}
	return records, nil
}
