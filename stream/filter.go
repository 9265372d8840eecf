package stream

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Filter chooses which posts are shown: those that pass all that is set. The zero
// Filter keeps every post. It is not to be changed once it is used.
type Filter struct {
	Words       []string // one of these is in the post; see [ParseWords]
	Without     []string // none of these is in the post, or in what it quotes
	Langs       []string // it is in one of these. BCP 47; "en" stands for "en-GB" too. A post of unknown language is in none
	MediaOnly   bool
	NoReposts   bool
	NoReplies   bool
	NoSensitive bool     // none of what would be covered, in the quote neither
	Blocked     []string // authors, by handle, Key, or the domain that their handle is in; also who reposts, and who is quoted

	once           sync.Once
	words, without []pattern // guarded by once
}

// Filtered is src without what f doesn't keep.
func Filtered(src Source, f *Filter) Source {
	return decorated{src, func(ctx context.Context, emit func(Op) error) error {
		return src.Stream(ctx, f.Wrap(emit))
	}}
}

// before is emit, for what f lets go on.
func (f *Filter) Wrap(emit func(Op) error) func(Op) error {
	return func(op Op) error {
		if op, ok := f.Apply(op); ok {
			return emit(op)
		}
		return nil
	}
}

// Apply is op as it should go on, and whether it should. A post that an edit has made
// unfit is destroyed, and an author who turns out to be blocked, as where his handle
// is told later than his posts, is gone. All else that takes away passes as it is.
func (f *Filter) Apply(op Op) (Op, bool) {
	switch {
	case op.Kind == AuthorUpdate && op.Author != nil && f.blocks(op.Author):
		return Op{Kind: AuthorGone, At: op.At, Author: &Author{Key: op.Author.Key}, Reason: Unwanted}, true
	case op.Kind != Create && op.Kind != Update, op.Post == nil || f.Keeps(op.Post):
		return op, true
	case op.Kind == Update:
		return Op{Kind: Destroy, At: op.At, ID: op.ID, Earlier: op.Earlier, Reason: Unwanted}, true
	}
	return Op{}, false
}

// Keeps reports whether t passes.
func (f *Filter) Keeps(t *Post) bool {
	switch {
	case f.MediaOnly && len(t.Media) == 0,
		f.NoReposts && t.RepostedBy != nil,
		f.NoReplies && t.ReplyTo != nil,
		f.NoSensitive && (covered(t) || covered(t.Quoted())):
		return false
	case len(f.Langs) > 0 && !slices.ContainsFunc(f.Langs, t.isIn):
		return false
	case f.blocks(&t.Author), f.blocks(t.RepostedBy), t.Quoted() != nil && f.blocks(&t.Quoted().Author):
		return false
	}
	return f.keepsWords(t)
}

func (f *Filter) keepsWords(t *Post) bool {
	if len(f.Words) == 0 && len(f.Without) == 0 {
		return true
	}
	f.once.Do(func() { f.words, f.without = patterns(f.Words), patterns(f.Without) })
	text := newHaystack(t)
	if len(f.words) > 0 && !slices.ContainsFunc(f.words, text.has) {
		return false
	}
	if len(f.without) == 0 {
		return true
	}
	quote := newHaystack(t.Quoted())
	return !slices.ContainsFunc(f.without, func(p pattern) bool { return text.has(p) || quote.has(p) })
}

// covered reports whether something of t is shown only to those who ask for it.
func covered(t *Post) bool { return t != nil && (t.Sensitive || t.Warning != "") }

// isIn reports whether t is written in lang, also if in others too.
func (t *Post) isIn(lang string) bool {
	return isVariety(t.Lang, lang) || slices.ContainsFunc(t.MoreLangs, func(more string) bool { return isVariety(more, lang) })
}

// isVariety reports whether tag is lang, or a variety of it.
func isVariety(tag, lang string) bool {
	return len(tag) >= len(lang) && strings.EqualFold(tag[:len(lang)], lang) && (len(tag) == len(lang) || tag[len(lang)] == '-')
}

func (f *Filter) blocks(a *Author) bool {
	if a == nil || len(f.Blocked) == 0 {
		return false
	}
	handle := strings.ToLower(a.Handle)
	host := handle // a Bluesky handle is a domain itself
	if _, after, ok := strings.Cut(handle, "@"); ok {
		host = after
	}
	return slices.ContainsFunc(f.Blocked, func(who string) bool {
		plain := strings.ToLower(strings.TrimPrefix(who, "@"))
		switch {
		case plain == "":
			return false
		case who == a.Key, plain == handle:
			return true
		}
		return strings.Contains(plain, ".") && !strings.ContainsAny(plain, "@:") && (host == plain || strings.HasSuffix(host, "."+plain))
	})
}
