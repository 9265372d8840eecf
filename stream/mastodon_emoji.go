package stream

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// emojiCodes finds what may be a custom emoji in a text: ":code:", with neither a
// letter, a digit nor a colon at its sides. The spans are those of segments.
func emojiCodes(text string) []span {
	var found []span
	for at := 0; ; {
		begin := strings.IndexByte(text[at:], ':')
		if begin < 0 {
			return found
		}
		begin += at
		at = begin + 1
		length := strings.IndexFunc(text[at:], func(r rune) bool { return !codeRune(r) })
		if length < 1 || text[at+length] != ':' {
			continue
		}
		end := at + length + 1
		if !bounds(utf8.DecodeLastRuneInString(text[:begin])) || !bounds(utf8.DecodeRuneInString(text[end:])) {
			continue
		}
		found = append(found, span{start: begin, end: end})
		at = end
	}
}

// codeRune reports whether a code may have it.
func codeRune(r rune) bool {
	return r == '_' || r == '-' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// bounds reports whether an emoji may stand beside that character; size is 0 if there
// is none.
func bounds(r rune, size int) bool {
	return size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ':'
}

// cutEmoji makes segments of a text without line feeds.
func cutEmoji(text string, known map[string]string) []Segment {
	var spans []span
	if len(known) > 0 {
		for _, s := range emojiCodes(text) {
			if src := known[text[s.start+1:s.end-1]]; src != "" {
				s.segment = Segment{Kind: Emoji, Src: src}
				spans = append(spans, s)
			}
		}
	}
	if len(spans) == 0 {
		return []Segment{{Text: text}}
	}
	return segments(text, spans, func(s string) string { return s })
}

// namedEmoji are those of the known ones that the texts name.
func namedEmoji(known map[string]string, texts ...string) []CustomEmoji {
	var named []CustomEmoji
	seen := map[string]bool{}
	for _, text := range texts {
		for _, s := range emojiCodes(text) {
			code := text[s.start+1 : s.end-1]
			if known[code] != "" && !seen[code] {
				seen[code] = true
				named = append(named, CustomEmoji{Code: code, Src: known[code]})
			}
		}
	}
	return named
}
