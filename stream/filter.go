package stream

import (
	"context"
	"slices"

	"nagare/stream/query"
)

// Wanted says which posts the operator wants to show: a post must meet every condition that is
// set.
type Wanted struct {
	Words       []string // the content of the post has at least one of these; see [ParseWords]
	Without     []string // the card of the post shows none of these, also not as a name or in the quoted post
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
	words, without []query.Pattern
	languages      []languageTag
}

// NewFilter makes a filter that keeps the posts described by w.
func NewFilter(w Wanted) *Filter {
	w.Blocked = parseBlocked(w.Blocked)
	return &Filter{wanted: w, words: patternsOf(w.Words), without: patternsOf(w.Without), languages: parseLanguages(w.Languages)}
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
// an author who is blocked, or whose name has an unwanted word, becomes an [AuthorGone]: some
// networks report names only after the posts. All other ops pass unchanged, so that posts still
// end.
func (f *Filter) Apply(op Op) (Op, bool) {
	switch {
	case f == nil:
		return op, true
	case op.Kind == AuthorUpdate && op.Author != nil && (f.Blocks(op.Author) || f.excludesName(op.Author)):
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
	case len(f.languages) > 0 && !f.isInWantedLanguage(p):
		return false
	case f.Blocks(&p.Author), f.Blocks(p.RepostedBy), quoted != nil && f.Blocks(&quoted.Author):
		return false
	}
	return f.keepsWords(p)
}

func (f *Filter) keepsWords(p *Post) bool {
	return (len(f.words) == 0 || hasAny(f.words, p, contentOf)) && !hasAny(f.without, p, cardOf)
}

// hasAny reports whether a part of a post has one of the patterns.
func hasAny(patterns []query.Pattern, p *Post, part func(*Post) (string, []string)) bool {
	if len(patterns) == 0 {
		return false
	}
	text, tags := part(p)
	return slices.ContainsFunc(patterns, func(p query.Pattern) bool { return p.Matches(text, tags) })
}

// patternsOf makes patterns of words. It leaves out a word with nothing in it.
func patternsOf(words []string) (out []query.Pattern) {
	for _, word := range words {
		if p, err := query.ParsePattern(word); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// excludesName reports whether an unwanted word is in the name or handle of an author.
func (f *Filter) excludesName(a *Author) bool {
	return hasAny(f.without, &Post{Author: *a}, cardOf)
}

// isCovered reports whether a part of p is hidden until the reader asks for it.
func isCovered(p *Post) bool { return p != nil && (p.Sensitive || p.Warning != "") }
