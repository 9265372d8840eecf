package recording

import (
	"reflect"

	"nagare/stream"
)

// forget removes from the file the content that op takes back.
func (r *Recorder) forget(op stream.Op) {
	if op.Kind == stream.Update {
		r.revise(op)
		return
	}
	r.eraseAll(op)
}

// revise removes from the earlier lines of a post the content that op, an Update, replaces.
// The create stays in the file, so that a replay shows the post in its place. Earlier updates
// are erased, so that a post has at most two lines, however often it changes.
func (r *Recorder) revise(op stream.Op) {
	lines := r.index.find(shownPart(op))
	if len(lines) == 0 {
		return
	}
	encoded, err := Encode(op)
	if err != nil {
		return // op can't be recorded either
	}
	if op, err = Decode(encoded); err != nil { // so that op can be compared with lines, which have gone through JSON
		return
	}
	for _, line := range lines {
		r.overwrite(line, func(text []byte) []byte { return revised(text, op) })
	}
}

// revised returns an earlier line of the post without the content that op replaces, or nil if
// nothing is left.
func revised(line []byte, op stream.Op) []byte {
	earlier, err := Decode(line)
	switch {
	case err != nil || earlier.Post == nil || earlier.Post.ID != op.Post.ID:
		return line
	case earlier.Kind != stream.Create:
		return nil
	}
	return firstThatFits(line, earlier, version(earlier.Post, op.Post), unchanged(earlier.Post, op.Post), bare(earlier.Post, op.Post))
}

// firstThatFits returns op with the first of the posts with which it is not longer than the line,
// or nil if there is none.
func firstThatFits(line []byte, op stream.Op, posts ...*stream.Post) []byte {
	for _, post := range posts {
		op.Post = post
		if left, err := Encode(op); err == nil && len(left) <= len(line)+1 {
			return left[:len(left)-1]
		}
	}
	return nil
}

// version returns the newer version of a post for the line of the older one. Reposters and
// quotes that the line did not have are left out, because the index would not find them in
// that line.
func version(old, newer *stream.Post) *stream.Post {
	left := *newer
	if !reflect.DeepEqual(old.RepostedBy, newer.RepostedBy) || old.RepostID != newer.RepostID {
		left.RepostedBy, left.RepostID, left.Reposts = nil, "", 0
	}
	if !reflect.DeepEqual(old.Quote, newer.Quote) {
		left.Quote = nil
	}
	if !reflect.DeepEqual(old.ReplyTo, newer.ReplyTo) {
		left.ReplyTo = nil
	}
	return &left
}

// unchanged returns the older version of a post with only those fields that are equal in the
// newer one. It has the newer one's time of the edit: without it, the older version would count as
// newer than the line if it arrived again.
func unchanged(old, newer *stream.Post) *stream.Post {
	left := *old
	zeroChanges(reflect.ValueOf(&left).Elem(), reflect.ValueOf(newer).Elem())
	left.CreatedAt = old.CreatedAt // a line without it is invalid
	left.EditedAt, left.Revised = newer.EditedAt, newer.Revised
	return &left
}

// bare returns what unchanged does, without all that makes room for the time of the edit.
func bare(old, newer *stream.Post) *stream.Post {
	left := unchanged(old, newer)
	return &stream.Post{
		ID: left.ID, Source: left.Source, CreatedAt: left.CreatedAt, EditedAt: left.EditedAt, Revised: left.Revised,
		Author: stream.Author{Key: left.Author.Key, Handle: left.Author.Handle},
	}
}

func zeroChanges(left, newer reflect.Value) {
	for i := range left.NumField() {
		switch field, now := left.Field(i), newer.Field(i); {
		case reflect.DeepEqual(field.Interface(), now.Interface()):
		case field.Type() == reflect.TypeFor[stream.Author]():
			zeroChanges(field, now)
		default:
			field.SetZero()
		}
	}
}
