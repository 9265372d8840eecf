package recording

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"time"

	"nagare/stream"
)

// TakeBack erases what op says may not be shown any more, if it is a Destroy or an
// [AuthorGone]. It is to be given what goes into the ledger, after that: a ledger says
// nothing of posts that it has long forgotten, or that another run has shown.
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

// erase takes what op says is gone out of the file, and returns the ids of the posts
// of which nothing is left. It does so also when nothing can be added any more, for
// the file doesn't grow by it.
func (r *Recorder) eraseAll(op stream.Op) (ids []string) {
	var gone []part
	switch {
	case op.Kind == stream.Destroy:
		for _, id := range append(slices.Clone(op.Earlier), cmp.Or(op.Original, op.ID)) {
			gone = append(gone, postPart(id))
		}
	case op.Kind == stream.AuthorGone && op.Author != nil:
		gone = append(gone, part{op.Author.Key, true})
	}
	for _, p := range gone {
		for _, line := range r.index.with(p) {
			r.flush()
			if r.err == errClosed || line.at+int64(line.length) > r.size { // it was never written
				continue
			}
			id, err := r.blank(line, p)
			if err != nil {
				r.log.Error("what was taken back is still in the recording", "source", "record", "file", r.path, "err", err)
			} else if id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// blank writes what remains of the line over it, and then spaces: a replay passes over
// them. It returns the post's id if nothing remains.
func (r *Recorder) blank(line *indexedLine, gone part) (id string, err error) {
	text := make([]byte, line.length)
	if _, err := r.file.ReadAt(text, line.at); err != nil && err != io.EOF {
		return "", err
	}
	left, id := remains(text, gone)
	n := copy(text, left)
	copy(text[n:], bytes.Repeat([]byte(" "), len(text)-n))
	if _, err := r.file.WriteAt(text, line.at); err != nil {
		return "", err
	}
	if n == 0 {
		line.length = 0
	}
	return id, nil
}

// remains is the line with nothing of gone in it, or nil and the post's id if there is
// none, or none that would fit.
func remains(line []byte, gone part) (left []byte, id string) {
	op, err := Decode(line)
	if err == nil && !slices.Contains(wordsOf(op), gone) {
		return line, "" // it only had the same hash
	}
	if op.Post = without(op.Post, gone); op.Post != nil && gone != postPart(op.Original) {
		if left, err := Encode(op); err == nil && len(left) <= len(line)+1 {
			return left[:len(left)-1], ""
		}
	}
	return nil, op.ID
}
