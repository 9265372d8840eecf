package recording

import (
	"reflect"

	"nagare/stream"
)

// forget removes from the file what op ends or changes.
func (r *Recorder) forget(op stream.Op) {
	if op.Kind == stream.Update {
		r.revise(op)
		return
	}
	r.eraseAll(op)
}

// revise removes from the earlier lines of a post what op, an Update, changes. The create
// stays, so that a replay shows the post in its place. Earlier updates are erased. A post
// therefore has two lines at most, however often it changes.
func (r *Recorder) revise(op stream.Op) {
	lines := r.index.find(shownPart(op))
	if len(lines) == 0 {
		return
	}
	encoded, err := Encode(op)
	if err != nil {
		return // it can't be recorded either
	}
	if op, err = Decode(encoded); err != nil { // like the lines: without what a file can't hold
		return
	}
	for _, line := range lines {
		r.overwrite(line, func(text []byte) []byte { return revised(text, op) })
	}
}

// revised is an earlier line without what op has changed, or nil if nothing is left.
func revised(line []byte, op stream.Op) []byte {
	earlier, err := Decode(line)
	switch {
	case err != nil || earlier.Post == nil || earlier.Post.ID != op.Post.ID:
		return line
	case earlier.Kind != stream.Create:
		return nil
	}
	for _, post := range []*stream.Post{version(earlier.Post, op.Post), unchanged(earlier.Post, op.Post)} {
		earlier.Post = post
		if left, err := Encode(earlier); err == nil && len(left) <= len(line)+1 {
			return left[:len(left)-1]
		}
	}
	return nil
}

// version is the newer version of a post, without authors and posts by which the index
// would not find the line.
func version(old, newer *stream.Post) *stream.Post {
	left := *newer
	if !reflect.DeepEqual(old.RepostedBy, newer.RepostedBy) {
		left.RepostedBy, left.Reposts = nil, 0
	}
	if !reflect.DeepEqual(old.Quote, newer.Quote) {
		left.Quote = nil
	}
	return &left
}

// unchanged is the post with only what is the same in its newer version.
func unchanged(old, newer *stream.Post) *stream.Post {
	left := *old
	zeroChanges(reflect.ValueOf(&left).Elem(), reflect.ValueOf(newer).Elem())
	left.CreatedAt = old.CreatedAt // every line has one
	return &left
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
