// Package recording writes recordings: files of ops, one as JSON to a line, from which
// deleted posts are erased.
//
// It promises:
//
//   - a recording ends with a whole line, whatever happens to the disk:
//     TestRecorder_LeavesWholeLinesOnAFullDisk
//   - a deleted post is in no recording any more, nor in those of earlier runs:
//     TestRecorder_ErasesDeletedPosts, TestRecorder_ErasesPostsOfEarlierRuns
//   - the erasure of a post erases no other: TestRecorder_ErasesAPostThatWasShownAgain
package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"nagare/stream"
)

const (
	// flushInterval is how long an op may wait before it is written.
	flushInterval = time.Second

	// flushSize is how many bytes may wait.
	flushSize = 64 << 10
)

// Recorder writes ops to a file that a replay plays. Record must be called with what the
// reconciler emits, and Erase with what goes into it.
//
// What a post no longer says is overwritten in the file, in the newest 200,000 lines, so
// that no replay shows it: a deleted post, what an edit changed, an author's old name. The
// deletion or the edit itself is recorded, also for a replay that is running. If an edited
// text doesn't fit into the line of the create, that line is left without a text.
//
// Only the owner can read the file. It always ends with a whole line: the rest of a line
// that a fault of the disk or an interrupted run left is removed. A fault ends the
// recording, and nothing else.
type Recorder struct {
	path string
	log  *slog.Logger
	file file

	mu    sync.Mutex
	size  int64       // of the file, up to the last whole line; guarded by mu, as all below
	index *index      // of the lines that may have to be erased
	lines []byte      // not yet written
	timer *time.Timer // writes the lines; nil if there are none
	err   error       // why the recording has ended
}

// file is what the recorder needs of an os.File.
type file interface {
	io.WriteCloser // appends
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
}

var errClosed = errors.New("closed")

// Open opens the file at path to append to it, or creates it. It refuses a file that is
// neither empty nor a recording, and anything but a regular file: a pipe would make the
// site wait for its reader.
func Open(path string, log *slog.Logger) (*Recorder, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	r := &Recorder{path: path, log: log, file: file, index: newIndex(indexedLines)}
	if r.size, err = prepare(file); err == nil {
		err = r.read()
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("record: %s: %w", path, err)
	}
	return r, nil
}

// Record writes op within a second, if it is about a post. It may be called by several
// goroutines at once.
func (r *Recorder) Record(op stream.Op) {
	if op.Kind != stream.Create && op.Kind != stream.Update && op.Kind != stream.Destroy {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(op)
	r.add(op)
}

// add appends a line.
func (r *Recorder) add(op stream.Op) {
	if r.err != nil {
		return
	}
	line, err := Encode(op)
	if err != nil {
		r.log.Warn("op not recorded", "source", "record", "err", err)
		return
	}
	if op.Post != nil {
		r.index.add(op, r.size+int64(len(r.lines)), len(line)-1)
	}
	r.lines = append(r.lines, line...)
	if len(r.lines) >= flushSize {
		r.flush()
	} else if r.timer == nil {
		r.timer = time.AfterFunc(flushInterval, r.flushLater)
	}
}

// Err is why the recording has ended, or nil.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Close writes the remaining lines. It returns why the recording had ended before, if it had.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == errClosed {
		return nil
	}
	r.flush()
	err := errors.Join(r.err, r.file.Close())
	r.err = errClosed
	return err
}

func (r *Recorder) flushLater() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
}

// flush writes the lines. If not all can be written, the file is truncated to whole lines,
// and the recording ends.
func (r *Recorder) flush() {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
	if len(r.lines) == 0 || r.err != nil {
		return
	}
	n, err := r.file.Write(r.lines)
	whole := bytes.LastIndexByte(r.lines[:n], '\n') + 1
	r.size += int64(whole)
	r.lines = r.lines[:0]
	if err == nil {
		return
	}
	if n > whole {
		err = errors.Join(err, r.file.Truncate(r.size))
	}
	r.err, r.lines = fmt.Errorf("record: %w", err), nil
	r.log.Error("recording stopped", "source", "record", "file", r.path, "err", err)
}
