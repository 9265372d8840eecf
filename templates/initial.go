package templates

import (
	"strings"
	"unicode"
)

// initial returns what is shown instead of a missing avatar: the first letter or digit of the
// name, with its combining marks. If the name has none, it is the first visible character, such
// as an emoji or a flag, whole.
func (a Author) initial() string {
	name := a.display()
	begin := strings.IndexFunc(name, func(r rune) bool { return isVisible(r) && (unicode.IsLetter(r) || unicode.IsNumber(r)) })
	if begin < 0 {
		begin = strings.IndexFunc(name, isVisible)
	}
	if begin < 0 || isDID(name) {
		return "·"
	}
	return strings.ToUpper(firstCharacter(name[begin:]))
}

// isVisible reports whether r shows something by itself.
func isVisible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// firstCharacter returns the first character of s as readers count: with its marks, with the
// second half of a flag, and with the emoji that a joiner appends.
func firstCharacter(s string) string {
	runes, n := []rune(s), 1
	if len(runes) > 1 && isRegional(runes[0]) && isRegional(runes[1]) {
		n = 2
	}
	for n < len(runes) && (continues(runes[n]) || runes[n-1] == joiner) {
		n++
	}
	return string(runes[:n])
}

const joiner = '\u200d'

// isRegional reports whether r is one of the two halves of a flag.
func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// continues reports whether r belongs to the character before: a mark, a joiner, a skin tone or
// a tag.
func continues(r rune) bool {
	return unicode.IsMark(r) || r == joiner || r >= 0x1F3FB && r <= 0x1F3FF || r >= 0xE0020 && r <= 0xE007F
}
