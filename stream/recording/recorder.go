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
	// flushPause is how long what was recorded may wait to be written,
	flushPause = time.Second

	// flushSize is how much of it.
	flushSize = 64 << 10
)

// Recorder writes ops into a file that a replay plays. Record is to be called with what
// the reconciler emits, and Erase with what goes into it.
//
// What a post no longer says is overwritten in the file, in the newest 200,000 lines, so
// that no replay shows it: a deleted post, what an edit changed, an author's old name. The
// deletion or the edit itself is recorded, also for a replay that runs meanwhile. If an
// edited text doesn't fit into the line of the create, that line is left without a text.
//
// The file can be read by its owner alone. It always ends with a whole line: what a
// fault of the disk has left of one is cut off again, and so is what an interrupted
// writer left, when the file is opened anew. A fault ends the recording, and nothing
// else.
type Recorder struct {
	path string
	log  *slog.Logger
	file file

	mu    sync.Mutex
	size  int64       // of the file, up to the last whole line; guarded by mu, as all below
	index *index      // of the lines that may have to be taken back
	lines []byte      // recorded, not yet written
	timer *time.Timer // writes them; nil if there are none
	err   error       // why nothing is recorded any more
}

// recordFile is what the recorder needs of an os.File.
type file interface {
	io.WriteCloser // writes behind the last whole line
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
}

var errClosed = errors.New("closed")

// Record opens the file at path to append to it, or makes it. A file that is not
// empty and no recording is refused, and so is what is no file: a pipe would have
// everybody wait for whoever reads it.
func Open(path string, log *slog.Logger) (*Recorder, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	r := &Recorder{path: path, log: log, file: file, index: newIndex(indexedLines)}
	if r.size, err = makeReady(file); err == nil {
		err = r.read()
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("record: %s: %w", path, err)
	}
	return r, nil
}

// Record writes op within a second, if it happened to a post. It may be called from
// several goroutines at once.
func (r *Recorder) Record(op stream.Op) {
	if op.Kind != stream.Create && op.Kind != stream.Update && op.Kind != stream.Destroy {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(op)
	r.add(op)
}

// add has a line written.
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
		r.timer = time.AfterFunc(flushPause, r.flushLater)
	}
}

// Err is why nothing is recorded any more, or nil.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Close writes what is left to write, and returns why the recording had ended before,
// if it had.
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

// flush writes what is recorded. If not all of it can be written, the part that was
// is cut back to whole lines, and the recording ends.
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
