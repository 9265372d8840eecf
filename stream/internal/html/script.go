package html

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The characters for which Unicode has a superscript or a subscript form.
var (
	superscripts = pairs("0123456789+-−=()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
	subscripts   = pairs("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
)

func pairs(from, to string) map[rune]rune {
	table, targets := map[rune]rune{}, []rune(to)
	for i, r := range []rune(from) {
		table[r] = targets[i]
	}
	return table
}

// script returns s as superscript or subscript, if it is inside <sup> or <sub>: 10⁶ and CO₂
// or, where Unicode lacks a character, x^Q and x_(total mass).
func (c *cutter) script(s string) string {
	table, sign := superscripts, "^"
	switch {
	case c.raised == 0 && c.lowered == 0:
		return s
	case c.raised == 0:
		table, sign = subscripts, "_"
	}
	words := strings.TrimFunc(s, isSpace)
	before, after, _ := strings.Cut(s, words)
	var b strings.Builder
	for _, r := range words {
		small, ok := table[r]
		switch {
		case ok:
			b.WriteRune(small)
		case c.flow.link != nil: // the text of a link stays as it is, because "@" or "#" tells the kind of link
			return s
		default:
			return before + sign + grouped(words) + after
		}
	}
	return before + b.String() + after
}

// grouped puts s into parentheses, unless it is one character or begins with a sign.
func grouped(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == len(s) || !unicode.IsLetter(first) && !unicode.IsDigit(first) {
		return s
	}
	return "(" + s + ")"
}
