// Package recording writes recordings: files of ops, one per line as JSON, from which deleted
// posts are erased.
//
// It promises:
//
//   - a recording ends with a whole line, also on a full disk:
//     TestRecorder_LeavesWholeLinesOnAFullDisk
//   - a deleted post is erased from the recording, even if an earlier run recorded the post:
//     TestRecorder_ErasesDeletedPosts, TestRecorder_ErasesPostsOfEarlierRuns
//   - an edit, a new name and an undone repost erase what they replace, also from posts that
//     the reconciler no longer keeps:
//     TestRecorder_ErasesOutdatedContentOfPostsThatTheReconcilerNoLongerKeeps
//   - the erasure of a post erases no other post: TestRecorder_ErasesAPostUnderItsSecondIDAndNoOther
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
	// flushInterval is the longest time before an op is written.
	flushInterval = time.Second

	// flushSize is how many bytes of ops are collected at most before they are written.
	flushSize = 64 << 10
)

// Recorder writes ops to a file that a replay can play. Record must be called with the ops
// that the reconciler emits, and Erase with the ops that the reconciler receives.
//
// Content that was taken back is overwritten in the file, so that no replay shows it: a
// deleted post, text that an edit replaced, an author's old name. The newest 200,000 lines are
// searched for such content. The deletion or the edit is also recorded as an op, for replays
// that have already read the earlier line. An edit replaces the text in the line of the create
// too; if the new text doesn't fit into that line, the line is left without a text.
//
// Only the owner can read the file. The file always ends with a whole line: an incomplete line
// that a disk error or an interrupted run has left is removed. A disk error ends only the
// recording, not the program.
type Recorder struct {
	path string
	log  *slog.Logger
	file file

	mu    sync.Mutex
	size  int64       // bytes in the file, up to the last whole line; guarded by mu, as all below
	index *index      // finds the lines to erase
	lines []byte      // lines that are not yet written
	timer *time.Timer // flushes lines; nil if there are none
	err   error       // why the recording has ended
}

// file has the methods of os.File that the recorder uses.
type file interface {
	io.WriteCloser // Write appends
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
}

var errClosed = errors.New("closed")

// Open opens the file at path to append to it, or creates the file. It refuses a file that is
// neither empty nor a recording. It also refuses everything but regular files: with a pipe,
// the site would have to wait for the reader of the pipe.
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

// Record writes op within a second, if op is about a post. Several goroutines can call it at
// once.
func (r *Recorder) Record(op stream.Op) {
	if op.Kind != stream.Create && op.Kind != stream.Update && op.Kind != stream.Destroy {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(op)
	r.add(op)
}

// add appends op to the lines, as one line.
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

// Err returns the error that has ended the recording, or nil.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Close writes the remaining lines and closes the file. If an error had ended the recording,
// Close returns that error.
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

// flush writes the lines to the file. If they can't all be written, it truncates the file
// after the last whole line, and the recording ends.
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
