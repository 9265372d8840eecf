package recording

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"time"

	"nagare/stream"
)

// Erase erases the posts that op ends, if it is a Destroy or an [stream.AuthorGone]. It
// must be given what goes into the reconciler, after that: a reconciler emits nothing about
// posts that it has forgotten, or that another run has shown.
func (r *Recorder) Erase(op stream.Op) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range r.eraseAll(op) {
		gone := stream.Op{Kind: stream.Destroy, At: op.At, ID: id, Reason: op.Reason.Known()}
		if gone.At.IsZero() {
			gone.At = time.Now()
		}
		r.add(gone)
	}
}

// eraseAll erases what op ends from the file, and returns the ids of the posts of which
// nothing is left. It works even if nothing can be added any more, since the file does not
// grow.
func (r *Recorder) eraseAll(op stream.Op) (ids []string) {
	var gone []content
	switch {
	case op.Kind == stream.Destroy:
		for _, id := range append(slices.Clone(op.Earlier), cmp.Or(op.Original, op.ID)) {
			gone = append(gone, content{id, shown}, content{id, quoted})
		}
	case op.Kind == stream.AuthorGone && op.Author != nil:
		gone = append(gone, content{op.Author.Key, author})
	}
	for _, p := range gone {
		for _, line := range r.index.find(p) {
			r.overwrite(line, func(text []byte) []byte {
				left, id := remains(text, p)
				if id != "" && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
				return left
			})
		}
	}
	return ids
}

// overwrite replaces a line by what change leaves of it, and spaces, which a replay skips.
// A failure is logged.
func (r *Recorder) overwrite(line *indexedLine, change func([]byte) []byte) {
	text, err := r.textOf(line)
	if err == nil && text == nil {
		return
	}
	if err == nil {
		n := copy(text, bytes.Clone(change(bytes.Clone(text))))
		copy(text[n:], bytes.Repeat([]byte(" "), len(text)-n))
		if line.at < r.size {
			_, err = r.file.WriteAt(text, line.at)
		}
		if n == 0 && err == nil {
			line.length = 0
		}
	}
	if err != nil {
		r.log.Error("what was taken back is still in the recording", "source", "record", "file", r.path, "err", err)
	}
}

// textOf is a line in the file, or of those that are not yet written. It is nil if the line
// was never written.
func (r *Recorder) textOf(line *indexedLine) (text []byte, err error) {
	switch from := line.at - r.size; {
	case r.err == errClosed, from >= int64(len(r.lines)):
		return nil, nil
	case from >= 0:
		return r.lines[from:][:line.length], nil
	}
	text = make([]byte, line.length)
	if _, err = r.file.ReadAt(text, line.at); err == io.EOF {
		err = nil
	}
	return text, err
}

// remains is the line without gone, or nil and the post's id if nothing is left, or nothing
// that fits.
func remains(line []byte, gone content) (left []byte, id string) {
	op, err := Decode(line)
	if err == nil && !slices.Contains(wordsOf(op), gone) {
		return line, "" // only the hash was the same
	}
	if op.Post = without(op, gone); op.Post != nil {
		if left, err := Encode(op); err == nil && len(left) <= len(line)+1 {
			return left[:len(left)-1], ""
		}
	}
	return nil, op.ID
}
