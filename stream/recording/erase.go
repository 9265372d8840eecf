package recording

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"time"

	"nagare/stream"
)

// Erase erases the content that op takes back: the posts and the reposts that op ends, the
// versions that an edit replaces, and an author's old name. It must be called with each op that
// the reconciler receives, after the reconciler has applied it. The ops that the reconciler
// emits are not enough: it emits nothing about posts that it has forgotten or that an earlier
// run has shown, and it updates only the newest posts that quote or name somebody.
func (r *Recorder) Erase(op stream.Op) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case op.Kind == stream.AuthorUpdate && op.Author != nil && op.Author.Key != "":
		r.rename(op.Author)
	case isEdit(op):
		r.replaceVersions(op)
	}
	for _, id := range r.eraseAll(op) {
		gone := stream.Op{Kind: stream.Destroy, At: op.At, ID: id, Reason: op.Reason.Known()}
		if gone.At.IsZero() {
			gone.At = time.Now()
		}
		r.add(gone)
	}
}

// eraseAll erases from the file everything that op ends. It returns the ids of posts of which
// nothing is left. It works even on a full disk, because lines are overwritten and the file
// doesn't grow.
func (r *Recorder) eraseAll(op stream.Op) (ids []string) {
	var gone []content
	switch {
	case op.Kind == stream.Destroy:
		for _, id := range append(slices.Clone(op.Earlier), cmp.Or(op.Original, op.ID)) {
			gone = append(gone, content{id, shown}, content{id, quoted}, content{id, repost})
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

// overwrite replaces a line by the text that change returns for it, and fills the rest of the
// line with spaces, which a replay skips. An error is logged.
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

// textOf returns the text of a line, from the file or from the lines that are not yet written.
// It returns nil if the line was lost to a disk error, or if the recorder is closed.
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

// remains returns the line without gone. If nothing is left, or if the rest would be longer
// than the line, it returns nil and the id of the post.
func remains(line []byte, gone content) (left []byte, id string) {
	op, err := Decode(line)
	if err == nil && !slices.Contains(contentsOf(op), gone) {
		return line, "" // a hash collision: the content is in another line
	}
	if op.Post = without(op, gone); op.Post != nil {
		if left, err := Encode(op); err == nil && len(left) <= len(line)+1 {
			return left[:len(left)-1], ""
		}
	}
	return nil, op.ID
}
