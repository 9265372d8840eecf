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

// recordStart is how every record begins.
const Prefix = `{"op":"`

var errNoFile = errors.New("it is no ordinary file, only such a one can be recorded into")

// makeReady makes the file its owner's, cuts off what is no whole line, returns the
// size, and has what is written next come behind that.
func makeReady(file *os.File) (size int64, err error) {
	about, err := file.Stat()
	switch {
	case err != nil:
		return 0, err
	case !about.Mode().IsRegular():
		return 0, errNoFile
	}
	if err := looksRecorded(file); err != nil {
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

// looksRecorded looks at how the first line begins that isn't erased; there may be no
// more than that of it.
func looksRecorded(file io.ReaderAt) error {
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

// read goes through what is in the file already, to know it, and to erase what an
// earlier writer has left of what it says is gone.
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
		case errors.Is(err, lines.ErrLongLine): // no replay plays it
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

// wholeLines is the size of the file without its last line, if that has no end.
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
