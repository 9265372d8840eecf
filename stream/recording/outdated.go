package recording

import (
	"reflect"
	"slices"

	"nagare/stream"
)

// rename replaces the author of that key by now in all lines. If the new name doesn't fit into
// a line, the line is left without a name.
func (r *Recorder) rename(now *stream.Author) {
	for _, line := range r.index.find(content{now.Key, author}) {
		r.overwrite(line, func(text []byte) []byte {
			op, err := Decode(text)
			if err != nil || op.Post == nil {
				return text
			}
			renamed := op.Post.Renamed(now)
			if reflect.DeepEqual(renamed, op.Post) {
				return text
			}
			plain := op.Post.Renamed(&stream.Author{Key: now.Key, Handle: now.Handle})
			return firstThatFits(text, op, renamed, plain, op.Post.Renamed(&stream.Author{Key: now.Key}))
		})
	}
}

// isEdit reports whether op can have a newer version of a known post.
func isEdit(op stream.Op) bool {
	if op.Kind != stream.Create && op.Kind != stream.Update || op.Post == nil {
		return false
	}
	return op.Kind == stream.Update || len(op.Earlier) > 0 || !op.Post.EditedAt.IsZero()
}

// replaceVersions replaces older versions of the post of op in all lines, also where another
// post quotes it. Lines that already have the version stay as they are.
func (r *Recorder) replaceVersions(op stream.Op) {
	ids := append(slices.Clone(op.Earlier), op.Post.ID)
	for _, id := range ids {
		for _, as := range []role{shown, quoted} {
			for _, line := range r.index.find(content{id, as}) {
				r.overwrite(line, func(text []byte) []byte { return withVersion(text, op, ids) })
			}
		}
	}
}

// withVersion returns a line with the version of op in place of an older one. If the line would
// be longer then, the replaced content is left out.
func withVersion(line []byte, op stream.Op, ids []string) []byte {
	old, err := Decode(line)
	if err != nil || old.Post == nil {
		return line
	}
	fits, less, least := *old.Post, *old.Post, *old.Post
	if slices.Contains(ids, shownPart(old).key) && isOutdated(&fits, op) {
		now := inPlaceOf(old.Post, op.Post)
		fits, less, least = *now, *unchanged(old.Post, now), *bare(old.Post, now)
	}
	if q := fits.Quoted(); q != nil && slices.Contains(ids, q.ID) && isOutdated(q, op) {
		fits.Quote = &stream.Quote{ID: fits.Quote.ID, URL: op.Post.URL, Post: inPlaceOf(q, op.Post)}
		less.Quote = &stream.Quote{ID: fits.Quote.ID}
		least.Quote = less.Quote
	}
	if reflect.DeepEqual(fits, *old.Post) {
		return line
	}
	return firstThatFits(line, old, &fits, &less, &least)
}

// isOutdated reports whether op has another version of the recorded post than old, and not an
// older one. Edits without a time are in the order of their arrival.
func isOutdated(old *stream.Post, op stream.Op) bool {
	now := op.Post.Version()
	if op.Kind == stream.Create || !now.IsZero() {
		if age := now.Compare(old.Version()); age < 0 || age == 0 && op.Kind == stream.Create {
			return false
		}
	}
	return !reflect.DeepEqual(old, inPlaceOf(old, op.Post))
}

// inPlaceOf returns the version now for the place of old. The other posts and the other people
// in old remain, because the index finds a line only by its first contents.
func inPlaceOf(old, now *stream.Post) *stream.Post {
	post := *now
	post.ID, post.Late, post.WithheldIn = old.ID, old.Late, old.WithheldIn
	post.RepostedBy, post.RepostID, post.Reposts = old.RepostedBy, old.RepostID, old.Reposts
	post.Quote, post.ReplyTo = old.Quote, old.ReplyTo
	return &post
}
