package html

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// emojiCodes finds the known custom emoji in a text. A code is found whatever characters are
// next to ":code:": the server lists only the emoji that the post uses, so such a text hardly
// means anything else.
func emojiCodes(raw string, known map[string]string) []text.Span {
	var found []text.Span
	for at := 0; len(known) > 0; {
		begin := strings.IndexByte(raw[at:], ':')
		if begin < 0 {
			break
		}
		at += begin + 1
		length := strings.IndexFunc(raw[at:], func(r rune) bool { return !codeRune(r) })
		if length < 1 || raw[at+length] != ':' || known[raw[at:at+length]] == "" {
			continue
		}
		found = append(found, text.Span{Start: at - 1, End: at + length + 1})
		at += length + 1
	}
	return found
}

// codeRune reports whether r can be part of a code.
func codeRune(r rune) bool {
	return r == '_' || r == '-' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// cutEmoji divides a text without line feeds into plain text and custom emoji.
func cutEmoji(raw string, known map[string]string) []stream.Segment {
	spans := emojiCodes(raw, known)
	for i, s := range spans {
		spans[i].Segment = stream.Segment{Kind: stream.Emoji, Src: known[raw[s.Start+1:s.End-1]]}
	}
	if len(spans) == 0 {
		return []stream.Segment{{Text: raw}}
	}
	return text.Cut(raw, spans, func(s string) string { return s })
}

// NamedEmoji returns those of the known emoji that occur in the texts.
func NamedEmoji(known map[string]string, texts ...string) []stream.CustomEmoji {
	var named []stream.CustomEmoji
	seen := map[string]bool{}
	for _, raw := range texts {
		for _, s := range emojiCodes(raw, known) {
			code := raw[s.Start+1 : s.End-1]
			if !seen[code] {
				seen[code] = true
				named = append(named, stream.CustomEmoji{Code: code, Src: known[code]})
			}
		}
	}
	return named
}
