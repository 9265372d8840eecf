package html

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// emojiCodes finds possible custom emoji in a text: ":code:", with no letter, digit or
// colon next to it.
func emojiCodes(raw string) []text.Span {
	var found []text.Span
	for at := 0; ; {
		begin := strings.IndexByte(raw[at:], ':')
		if begin < 0 {
			return found
		}
		begin += at
		at = begin + 1
		length := strings.IndexFunc(raw[at:], func(r rune) bool { return !codeRune(r) })
		if length < 1 || raw[at+length] != ':' {
			continue
		}
		end := at + length + 1
		if !bounds(utf8.DecodeLastRuneInString(raw[:begin])) || !bounds(utf8.DecodeRuneInString(raw[end:])) {
			continue
		}
		found = append(found, text.Span{Start: begin, End: end})
		at = end
	}
}

// codeRune reports whether a code may contain r.
func codeRune(r rune) bool {
	return r == '_' || r == '-' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// bounds reports whether an emoji may be next to r; size is 0 if there is no character.
func bounds(r rune, size int) bool {
	return size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ':'
}

// cutEmoji divides a text without line feeds into segments.
func cutEmoji(raw string, known map[string]string) []stream.Segment {
	var spans []text.Span
	if len(known) > 0 {
		for _, s := range emojiCodes(raw) {
			if src := known[raw[s.Start+1:s.End-1]]; src != "" {
				s.Segment = stream.Segment{Kind: stream.Emoji, Src: src}
				spans = append(spans, s)
			}
		}
	}
	if len(spans) == 0 {
		return []stream.Segment{{Text: raw}}
	}
	return text.Cut(raw, spans, func(s string) string { return s })
}

// NamedEmoji are the known emoji that the texts contain.
func NamedEmoji(known map[string]string, texts ...string) []stream.CustomEmoji {
	var named []stream.CustomEmoji
	seen := map[string]bool{}
	for _, raw := range texts {
		for _, s := range emojiCodes(raw) {
			code := raw[s.Start+1 : s.End-1]
			if known[code] != "" && !seen[code] {
				seen[code] = true
				named = append(named, stream.CustomEmoji{Code: code, Src: known[code]})
			}
		}
	}
	return named
}
