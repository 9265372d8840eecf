package recording

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"os"

	"nagare/stream"
	"nagare/stream/internal/lines"
)

// Prefix is the beginning of every line of a recording.
const Prefix = `{"op":"`

var errNoFile = errors.New("it is not an ordinary file, want one to record into")

// prepare makes the file readable by its owner only, removes an incomplete last line, seeks to
// the end, and returns the size.
func prepare(file *os.File) (size int64, err error) {
	about, err := file.Stat()
	switch {
	case err != nil:
		return 0, err
	case !about.Mode().IsRegular():
		return 0, errNoFile
	}
	if err := checkStart(file); err != nil {
		return 0, err
	}
	if err := file.Chmod(0o600); err != nil {
		return 0, err
	}
	size, err = wholeLines(file, about.Size())
	if err == nil && size < about.Size() {
		err = file.Truncate(size)
	}
	if err != nil {
		return 0, err
	}
	return file.Seek(size, io.SeekStart)
}

// checkStart returns an error if the file is not a recording. It compares the beginning of the
// first line that isn't erased with Prefix; that line can be incomplete.
func checkStart(file io.ReaderAt) error {
	text := bufio.NewReader(io.NewSectionReader(file, 0, math.MaxInt64))
	for n := 0; n < len(Prefix); {
		c, err := text.ReadByte()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case n == 0 && (c == ' ' || c == '\n'):
			continue
		case c != Prefix[n]:
			return errors.New("it is not empty, and no recording")
		}
		n++
	}
	return nil
}

// read indexes the file. If the file contains content that a later line takes back, it erases
// the content, as an interrupted run may not have done so.
func (r *Recorder) read() error {
	in, err := lines.NewReader(io.NewSectionReader(r.file, 0, r.size))
	if err != nil {
		return err
	}
	for {
		at := in.Offset
		line, err := in.Next()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, lines.ErrLongLine): // a replay skips the line
			continue
		case err != nil:
			return err
		}
		op, err := Decode(line)
		switch {
		case err != nil:
			continue
		case op.Post == nil || op.Kind == stream.Update:
			r.forget(op)
		}
		if op.Post != nil {
			r.index.add(op, at, int(in.Offset-at)-1)
		}
	}
}

// wholeLines returns the size of the file without an incomplete last line.
func wholeLines(file *os.File, size int64) (int64, error) {
	chunk := make([]byte, flushSize)
	for end := size; end > 0; end -= int64(len(chunk)) {
		chunk = chunk[:min(int64(len(chunk)), end)]
		start := end - int64(len(chunk))
		if _, err := file.ReadAt(chunk, start); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(chunk, '\n'); i >= 0 {
			return start + int64(i) + 1, nil
		}
	}
	return 0, nil
}
