package streamtest

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"unicode/utf16"
)

// Spellings returns the forms in which a server may repeat a secret: as it is and decoded, and
// each of these escaped for an address, for JSON and for HTML.
func Spellings(secret string) []string {
	decoded, err := url.QueryUnescape(secret)
	if err != nil {
		decoded = secret
	}
	var all []string
	for _, s := range []string{secret, decoded, strings.ReplaceAll(decoded, "+", " ")} {
		all = append(all, s, url.QueryEscape(s), url.PathEscape(s), lowerHex(url.QueryEscape(s)),
			url.QueryEscape(url.QueryEscape(s)), inJSON(s), strings.ReplaceAll(s, "/", `\/`), unicodeEscaped(s), html.EscapeString(s), numericHTML(s))
	}
	return all
}

// lowerHex returns an escaped text with its percent escapes in lower case.
func lowerHex(escaped string) string {
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] == '%' && i+2 < len(escaped) {
			b.WriteString(strings.ToLower(escaped[i : i+3]))
			i += 2
			continue
		}
		b.WriteByte(escaped[i])
	}
	return b.String()
}

func inJSON(s string) string {
	text, _ := json.Marshal(s)
	return strings.Trim(string(text), `"`)
}

func unicodeEscaped(s string) string {
	return eachSign(s, func(c rune) (out string) {
		for _, unit := range utf16.Encode([]rune{c}) {
			out += fmt.Sprintf(`\u%04X`, unit)
		}
		return out
	})
}

func numericHTML(s string) string {
	return eachSign(s, func(c rune) string { return fmt.Sprintf("&#x%x;", c) })
}

// eachSign escapes all characters of s except ASCII letters and digits.
func eachSign(s string, escape func(rune) string) string {
	var b strings.Builder
	for _, c := range s {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			b.WriteRune(c)
		} else {
			b.WriteString(escape(c))
		}
	}
	return b.String()
}
