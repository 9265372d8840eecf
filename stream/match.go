package stream

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nagare/stream/fold"
)

// pattern is a word, a phrase or a hashtag to search for.
type pattern struct {
	text string // folded
	tag  bool   // text is a hashtag, without "#"
}

func patterns(words []string) []pattern {
	var out []pattern
	for _, word := range words {
		text := fold.Text(word)
		tag, isTag := strings.CutPrefix(text, "#")
		if isTag {
			tag = fold.Tag(tag)
		}
		if tag != "" {
			out = append(out, pattern{tag, isTag})
		}
	}
	return out
}

// haystack is a text that is searched, folded, and the hashtags in it.
type haystack struct {
	text string
	tags []string
}

// contentOf returns the content of a post: its text and warning, the descriptions of its media,
// the options of its poll, and the preview of the page that it links to.
func contentOf(p *Post) haystack {
	var h searched
	h.addContent(p)
	return h.folded()
}

// cardOf returns everything that the card of a post shows: also the post that it quotes, and
// the names and handles of authors.
func cardOf(p *Post) haystack {
	var h searched
	h.addContent(p)
	h.addAuthors(p)
	if quoted := p.Quoted(); quoted != nil {
		h.addContent(quoted)
		h.addAuthors(quoted)
	}
	return h.folded()
}

// SearchText returns the text in which a search looks for words: the content of a post, and the
// names of its author, folded by [fold.Text].
func SearchText(p *Post) string {
	var h searched
	h.addContent(p)
	h.texts = append(h.texts, p.Author.Name, p.Author.Handle)
	return h.folded().text
}

// searched collects the parts of a post for a haystack.
type searched struct {
	texts []string
	tags  []string
}

func (h *searched) addContent(p *Post) {
	h.texts = append(h.texts, p.Warning, PlainText(p.Text))
	for _, s := range p.Text {
		if s.Kind == Hashtag {
			h.tags = append(h.tags, fold.Tag(s.Text))
		}
	}
	for _, tag := range p.Tags {
		h.tags = append(h.tags, fold.Tag(tag))
	}
	for _, m := range p.Media {
		h.texts = append(h.texts, m.Alt)
	}
	if p.Poll != nil {
		for _, o := range p.Poll.Options {
			h.texts = append(h.texts, o.Title)
		}
	}
	if p.Preview != nil {
		h.texts = append(h.texts, p.Preview.Title, p.Preview.Description)
	}
}

func (h *searched) addAuthors(p *Post) {
	h.texts = append(h.texts, p.Author.Name, p.Author.Handle)
	if by := p.RepostedBy; by != nil {
		h.texts = append(h.texts, by.Name, by.Handle)
	}
	if p.ReplyTo != nil {
		h.texts = append(h.texts, p.ReplyTo.Handle)
	}
}

// folded returns the haystack. The separator keeps a phrase from being found across two parts.
func (h *searched) folded() haystack {
	return haystack{fold.Text(strings.Join(h.texts, "\n"+separator+"\n")), h.tags}
}

// separator is a character that no word contains.
const separator = "\ufffc"

// has reports whether the post contains p. A hashtag must be equal to p; a word or phrase must
// begin and end at word boundaries.
func (h haystack) has(p pattern) bool {
	if p.tag {
		for _, tag := range h.tags {
			if tag == p.text {
				return true
			}
		}
		return false
	}
	for from := 0; ; {
		i := strings.Index(h.text[from:], p.text)
		if i < 0 {
			return false
		}
		start := from + i
		end := start + len(p.text)
		if wordBegins(h.text, start) && wordEnds(h.text, end) {
			return true
		}
		_, size := utf8.DecodeRuneInString(h.text[start:])
		from = start + size
	}
}

// wordBegins reports whether a word can begin at byte i of text.
func wordBegins(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return !isSpaced(before) || !isSpaced(after)
}

// wordEnds reports whether a word can end at byte i of text. A Korean word can end anywhere,
// because particles are appended to it.
func wordEnds(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	return unicode.Is(unicode.Hangul, before) || wordBegins(text, i)
}

// isSpaced reports whether r is part of a word in a script that separates words by spaces.
func isSpaced(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_') &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Bopomofo) && r != 'ー'
}
