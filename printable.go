package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf16"
)

// longestLogged is the limit for a value in the log, in characters. Networks and clients choose
// many of the values: without a limit they could fill the disk.
const longestLogged = 256

// loggedWhole names the attributes of the log that are never shortened. They are long by nature,
// and only this program writes them.
var loggedWhole = map[string]bool{"stack": true}

// bounded shortens the text of a log attribute to longestLogged characters.
func bounded(a slog.Attr) slog.Attr {
	var text string
	switch a.Value.Kind() {
	case slog.KindString:
		text = a.Value.String()
	case slog.KindAny:
		if a.Value.Any() == nil {
			return a
		}
		text = fmt.Sprint(a.Value.Any())
	default:
		return a
	}
	if !loggedWhole[a.Key] {
		text = cut(text, longestLogged)
	}
	a.Value = slog.StringValue(text)
	return a
}

// cut returns s if it has at most n characters, and otherwise its first n characters and "…".
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

// escaping is a Writer that makes text safe for a terminal or a log. Its lines end with '\n'.
type escaping struct{ io.Writer }

func (e escaping) Write(text []byte) (int, error) {
	if _, err := io.WriteString(e.Writer, printable(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// printable replaces each control or format character except '\n' with \uXXXX. Such a character
// can move the cursor, change the color, or reverse the order of the text after it. A JSON parser
// decodes the escapes to the original characters. slog's JSON handler escapes only the characters
// below U+0020.
func printable(text string) string {
	if strings.IndexFunc(text, isUnprintable) < 0 {
		return strings.ToValidUTF8(text, "\ufffd") // a byte that is no UTF-8 can be a control character in another encoding
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !isUnprintable(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// oneLine replaces each line feed with a space, and other characters as [printable] does.
func oneLine(text string) string { return printable(strings.ReplaceAll(text, "\n", " ")) }

func isUnprintable(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }
