package stream

import (
	"context"
	"slices"
	"strings"
)

// Wanted says which posts the operator wants to show: a post must meet every condition that is
// set.
type Wanted struct {
	Words       []string // the post contains at least one of these; see [ParseWords]
	Without     []string // neither the post nor the quoted post contains any of these
	Languages   []string // the post is known to be in one of these (BCP 47); "en" includes "en-GB"
	MediaOnly   bool
	NoReposts   bool
	NoReplies   bool
	NoSensitive bool     // nothing in the post or the quoted post is hidden behind a warning
	Blocked     []string // see [ParseBlocked]; none is the author, the reposter or the quoted author
}

// Tracks reports whether w has conditions on words.
func (w Wanted) Tracks() bool { return len(w.Words)+len(w.Without) > 0 }

// Filter decides which posts are shown. A nil Filter keeps every post.
type Filter struct {
	wanted         Wanted
	words, without []pattern
}

// NewFilter makes a filter that keeps the posts described by w.
func NewFilter(w Wanted) *Filter {
	w.Blocked = parseBlocked(w.Blocked)
	return &Filter{wanted: w, words: patterns(w.Words), without: patterns(w.Without)}
}

// Filtered is src without the posts that f doesn't keep.
func Filtered(src Source, f *Filter) Source {
	return decorated{src, func(ctx context.Context, emit func(Op) error) error {
		return src.Stream(ctx, f.Wrap(emit))
	}}
}

// Wrap returns a function that filters ops with [Filter.Apply] and passes the result to emit.
func (f *Filter) Wrap(emit func(Op) error) func(Op) error {
	return func(op Op) error {
		if op, ok := f.Apply(op); ok {
			return emit(op)
		}
		return nil
	}
}

// Apply returns the op to emit instead of op, and false if there is none. A new post that
// doesn't pass is not emitted. An edit that no longer passes becomes a [Destroy]. An update of
// an author who is blocked becomes an [AuthorGone], because some networks report an author's
// handle only after the posts. All other ops pass unchanged, so that posts still end.
func (f *Filter) Apply(op Op) (Op, bool) {
	switch {
	case f == nil:
		return op, true
	case op.Kind == AuthorUpdate && op.Author != nil && f.Blocks(op.Author):
		return Op{Kind: AuthorGone, At: op.At, Author: &Author{Key: op.Author.Key}, Reason: Unwanted}, true
	case op.Kind != Create && op.Kind != Update, op.Post == nil || f.Keeps(op.Post):
		return op, true
	case op.Kind == Update:
		return Op{Kind: Destroy, At: op.At, ID: op.ID, Earlier: op.Earlier, Reason: Unwanted}, true
	}
	return Op{}, false
}

// Keeps reports whether p meets every condition.
func (f *Filter) Keeps(p *Post) bool {
	w, quoted := f.wanted, p.Quoted()
	switch {
	case w.MediaOnly && len(p.Media) == 0,
		w.NoReposts && p.RepostedBy != nil,
		w.NoReplies && p.ReplyTo != nil,
		w.NoSensitive && (isCovered(p) || isCovered(quoted)):
		return false
	case len(w.Languages) > 0 && !slices.ContainsFunc(w.Languages, p.isIn):
		return false
	case f.Blocks(&p.Author), f.Blocks(p.RepostedBy), quoted != nil && f.Blocks(&quoted.Author):
		return false
	}
	return f.keepsWords(p)
}

func (f *Filter) keepsWords(p *Post) bool {
	if len(f.words)+len(f.without) == 0 {
		return true
	}
	text := newHaystack(p)
	if len(f.words) > 0 && !slices.ContainsFunc(f.words, text.has) {
		return false
	}
	if len(f.without) == 0 {
		return true
	}
	quote := newHaystack(p.Quoted())
	return !slices.ContainsFunc(f.without, func(p pattern) bool { return text.has(p) || quote.has(p) })
}

// isCovered reports whether a part of p is hidden until the reader asks for it.
func isCovered(p *Post) bool { return p != nil && (p.Sensitive || p.Warning != "") }

// isIn reports whether lang is one of the languages of p.
func (p *Post) isIn(lang string) bool {
	return isVariety(p.Lang, lang) || slices.ContainsFunc(p.MoreLangs, func(more string) bool { return isVariety(more, lang) })
}

// isVariety reports whether a language tag is lang, or a regional variety of lang.
func isVariety(tag, lang string) bool {
	return len(tag) >= len(lang) && strings.EqualFold(tag[:len(lang)], lang) && (len(tag) == len(lang) || tag[len(lang)] == '-')
}
