package stream

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
)

// recordStart is how every record begins.
const recordStart = `{"op":"`

// makeReady makes the file its owner's, cuts off what is no whole line, and returns
// the size. A device, or a pipe, is taken as it is.
func makeReady(file *os.File) (size int64, err error) {
	about, err := file.Stat()
	if err != nil || !about.Mode().IsRegular() {
		return 0, err
	}
	if about.Size() > 0 {
		if err := looksRecorded(file); err != nil {
			return 0, err
		}
	}
	if err := file.Chmod(0o600); err != nil {
		return 0, err
	}
	size, err = wholeLines(file, about.Size())
	if err != nil || size == about.Size() {
		return size, err
	}
	return size, file.Truncate(size)
}

// looksRecorded looks at how the file begins; there may be no more than that of it.
func looksRecorded(file *os.File) error {
	start := make([]byte, len(recordStart))
	n, err := file.ReadAt(start, 0)
	switch {
	case err != nil && err != io.EOF:
		return err
	case !strings.HasPrefix(recordStart, string(start[:n])):
		return errors.New("it is not empty, and no recording")
	}
	return nil
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
