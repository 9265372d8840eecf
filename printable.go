package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf16"
)

// longestLogged is how many characters of a value the log shows. A network or a client
// chooses many of the values, and must not fill the disk.
const longestLogged = 256

// loggedWhole are the values that are longer by nature and that this program makes.
var loggedWhole = map[string]bool{"stack": true}

// bounded returns an attribute of the log with at most longestLogged characters of text.
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

// cut returns the first n characters of s, and "…" if there are more.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

// escaping writes text for a terminal or for a log, whose lines end with '\n'.
type escaping struct{ io.Writer }

func (e escaping) Write(text []byte) (int, error) {
	if _, err := io.WriteString(e.Writer, printable(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// printable returns text with each control or format character but '\n' as \uXXXX. Such
// characters move the cursor, color the terminal, or reverse the order of what follows.
// JSON reads the escapes as the characters that they stand for; slog's JSON handler
// itself escapes only those below U+0020.
func printable(text string) string {
	if strings.IndexFunc(text, isUnprintable) < 0 {
		return strings.ToValidUTF8(text, "\ufffd") // a single byte may be a control character in other encodings
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

// oneLine returns text with line feeds replaced by spaces, and the rest as [printable] does.
func oneLine(text string) string { return printable(strings.ReplaceAll(text, "\n", " ")) }

func isUnprintable(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }
