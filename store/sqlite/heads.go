package sqlite

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"nagare/store"
)

// The lock file has the head of each log, and is written after each commit. So Open recognizes a
// database that was replaced by an older copy: its heads are lower. After a power cut the heads in the
// lock file can be too low, which is harmless.

// headLine is the format of a line of the lock file: the id of a log, its epoch and its head. A line is
// overwritten in place, so all lines of a log have one length.
const headLine = "%d %s %020d\n"

// recordHeads writes the heads of all logs into the lock file.
func (s *Store) recordHeads() error {
	_, err := s.lock.WriteAt(s.heads(), 0)
	return err
}

// recordEpochs writes the heads so that they survive a power cut, because a log that is not in the lock file
// begins a new epoch.
func (s *Store) recordEpochs() error {
	err := s.recordHeads()
	if err == nil {
		err = s.lock.Truncate(int64(len(s.heads())))
	}
	if err == nil {
		err = s.lock.Sync()
	}
	return err
}

func (s *Store) heads() (text []byte) {
	for _, channel := range slices.Sorted(maps.Keys(s.logs)) {
		log := s.logs[channel]
		text = fmt.Appendf(text, headLine, log.id, log.epoch, log.head)
	}
	return text
}

// recordedHeads reads the lock file: the head of each log, by its id and epoch.
func (s *Store) recordedHeads() (map[logState]uint64, error) {
	text, err := io.ReadAll(io.NewSectionReader(s.lock, 0, 1<<20))
	if err != nil {
		return nil, err
	}
	heads := map[logState]uint64{}
	for line := range strings.Lines(string(text)) {
		var log logState
		var head uint64
		if _, err := fmt.Sscanf(line, headLine, &log.id, &log.epoch, &head); err == nil {
			heads[log] = head
		}
	}
	return heads, nil
}

// verifyHeads begins a new epoch in each log whose newest events may be missing, and returns why; "" if
// all logs continue.
func (s *Store) verifyHeads(ctx context.Context) (why string, err error) {
	recorded, err := s.recordedHeads()
	if err != nil {
		return "", err
	}
	for _, log := range s.logs {
		head, known := recorded[logState{id: log.id, epoch: log.epoch}]
		switch {
		case log.epoch == "":
			why = "the file is a backup"
		case !known:
			why = "the file comes from elsewhere: " + s.lock.Name() + " doesn't name it"
		case head > log.head:
			why = "the file is an older copy, which lacks the newest events"
		default:
			continue
		}
		log.epoch = store.NewEpoch()
		if _, err := s.conn.ExecContext(ctx, "UPDATE logs SET epoch=? WHERE id=?", log.epoch, log.id); err != nil {
			return "", err
		}
	}
	for channel, log := range s.logs {
		s.tips[channel] = *log
	}
	return why, s.recordEpochs()
}
