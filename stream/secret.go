package stream

import (
	"bytes"
	"html"
	"log/slog"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Secret is a token or a key. Formatting, logging or encoding it writes "[redacted]";
// string(s) is the value. Package fmt can't call the methods of an unexported field, so a struct
// with such a field must not be formatted as a whole.
type Secret string

const redacted = "[redacted]"

// String hides the value in formatted text.
func (Secret) String() string { return redacted }

// GoString hides the value in %#v.
func (Secret) GoString() string { return redacted }

// LogValue hides the value in a log.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the value in JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// RedactError returns an error that wraps err, with the secrets redacted in its message. It
// returns err itself if the message contains none.
func RedactError(err error, secrets ...Secret) error {
	if err == nil {
		return nil
	}
	message := err.Error()
	if clean := Redact(message, secrets...); clean != message {
		return &rewordedError{err, clean}
	}
	return err
}

// Redact replaces secrets in a text that a server sent. The server may have escaped a secret
// for an address, JSON or HTML, even several times, or may have decoded it. Therefore the text
// and the secrets are decoded step by step, and compared at every step.
func Redact(text string, secrets ...Secret) string {
	var forms [][]byte
	for _, s := range secrets {
		for _, level := range levels(string(s)) {
			if form := level.foldSpaces().plain; len(bytes.TrimSpace(form)) > 0 {
				forms = append(forms, form)
			}
		}
	}
	if len(forms) == 0 {
		return text
	}
	var found []span
	for _, level := range levels(text) {
		level = level.foldSpaces()
		for _, form := range forms {
			found = append(found, level.find(form)...)
		}
	}
	return replaceAll(text, found)
}

// span is the part of a text from byte from up to byte to.
type span struct{ from, to int }

// replaceAll returns text with each of the parts replaced by "[redacted]". The parts can
// overlap.
func replaceAll(text string, parts []span) string {
	slices.SortFunc(parts, func(a, b span) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, part := range parts {
		if part.from >= at {
			out = append(append(out, text[at:part.from]...), redacted...)
		}
		at = max(at, part.to)
	}
	return string(append(out, text[at:]...))
}

// decoded is a text after some steps of decoding. The byte plain[i] stands for the part
// spans[i] of the original text.
type decoded struct {
	plain []byte
	spans []span
}

const mostLevels = 5

// levels returns the text and its decoded forms, until nothing is left to decode or there are
// mostLevels forms.
func levels(text string) []decoded {
	level := decoded{plain: []byte(text), spans: make([]span, len(text))}
	for i := range level.spans {
		level.spans[i] = span{i, i + 1}
	}
	all := []decoded{level}
	for len(all) < mostLevels {
		next := level.decode()
		if len(next.plain) == len(level.plain) {
			break
		}
		all, level = append(all, next), next
	}
	return all
}

// decode undoes one step of escaping.
func (d decoded) decode() (out decoded) {
	for i := 0; i < len(d.plain); {
		plain, n := unescape(d.plain[i:])
		for _, c := range plain {
			out.add(c, span{d.spans[i].from, d.spans[i+n-1].to})
		}
		i += n
	}
	return out
}

// foldSpaces replaces each run of spaces and plus signs by one space: form encoding writes a
// space as a plus sign, and spaces are collapsed when a text is shown on one line.
func (d decoded) foldSpaces() (out decoded) {
	for i, c := range d.plain {
		last := len(out.plain) - 1
		if c != '+' && c > ' ' {
			out.add(c, d.spans[i])
		} else if last >= 0 && out.plain[last] == ' ' {
			out.spans[last].to = d.spans[i].to
		} else {
			out.add(' ', d.spans[i])
		}
	}
	return out
}

func (d *decoded) add(c byte, at span) {
	d.plain, d.spans = append(d.plain, c), append(d.spans, at)
}

// find returns the parts of the original text that decode to form.
func (d decoded) find(form []byte) (found []span) {
	for at := 0; ; {
		i := bytes.Index(d.plain[at:], form)
		if i < 0 {
			return found
		}
		from, to := at+i, at+i+len(form)
		found = append(found, span{d.spans[from].from, d.spans[to-1].to})
		at = to
	}
}

// unescape decodes the escape at the beginning of s, which is n bytes long. If s doesn't begin
// with an escape, it returns the first byte of s.
func unescape(s []byte) (plain []byte, n int) {
	switch {
	case s[0] == '%':
		if c, ok := hex(s, 1, 2); ok {
			return []byte{byte(c)}, 3
		}
	case s[0] == '\\' && len(s) > 1:
		return unescapeJSON(s)
	case s[0] == '&':
		end := bytes.IndexByte(s[:min(len(s), 12)], ';') + 1
		if text := html.UnescapeString(string(s[:end])); len(text) < end {
			return []byte(text), end
		}
	}
	return s[:1], 1
}

// unescapeJSON is unescape for the escapes of JSON, and of Go and JavaScript strings.
func unescapeJSON(s []byte) (plain []byte, n int) {
	switch s[1] {
	case '/', '\\', '"', '\'':
		return s[1:2], 2
	case 'x':
		if c, ok := hex(s, 2, 2); ok {
			return []byte{byte(c)}, 4
		}
	case 'u':
		first, ok := hex(s, 2, 4)
		if !ok {
			break
		}
		if second, ok := hex(s, 8, 4); ok && utf16.IsSurrogate(rune(first)) && s[6] == '\\' && s[7] == 'u' {
			return utf8.AppendRune(nil, utf16.DecodeRune(rune(first), rune(second))), 12
		}
		return utf8.AppendRune(nil, rune(first)), 6
	}
	return s[:1], 1
}

// hex parses the n hexadecimal digits of s that begin at byte from.
func hex(s []byte, from, n int) (uint64, bool) {
	if len(s) < from+n {
		return 0, false
	}
	c, err := strconv.ParseUint(string(s[from:from+n]), 16, 32)
	return c, err == nil
}
