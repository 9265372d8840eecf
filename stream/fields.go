package stream

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Fields are the members of a JSON object, in their order.
type Fields []Field

// Field is one member of a JSON object.
type Field struct {
	Name  []byte
	Value json.RawMessage
}

var errNoObject = errors.New("no JSON object")

// ParseFields divides a JSON object into its members. The values are parts of the object, and are
// not validated: the decoder of a network uses only some of them. It allocates one slice, where
// a map of raw messages would take a hundred allocations for a post.
func ParseFields(object []byte) (Fields, error) {
	fields := make(Fields, 0, 32)
	i := skipSpace(object, 0)
	if !has(object, i, '{') {
		return nil, errNoObject
	}
	for i = skipSpace(object, i+1); !has(object, i, '}') || len(fields) > 0; {
		field, end := parseField(object, i)
		if end < 0 {
			return nil, errNoObject
		}
		fields = append(fields, field)
		if i = skipSpace(object, end); has(object, i, '}') {
			break
		}
		if !has(object, i, ',') {
			return nil, errNoObject
		}
		i = skipSpace(object, i+1)
	}
	if skipSpace(object, i+1) != len(object) {
		return nil, errNoObject
	}
	return fields, nil
}

// UnmarshalJSON parses a JSON object. It keeps a copy of the values.
func (f *Fields) UnmarshalJSON(object []byte) (err error) {
	*f, err = ParseFields(bytes.Clone(object))
	return err
}

// Get returns the value of a field, and nil if there is none. Of several fields with the same name,
// the last one counts, as in package json.
func (f Fields) Get(name string) json.RawMessage {
	for i := len(f) - 1; i >= 0; i-- {
		if string(f[i].Name) == name {
			return f[i].Value
		}
	}
	return nil
}

// parseField parses the member of s at byte i, and returns the byte after it, or -1 if there is no
// member.
func parseField(s []byte, i int) (field Field, end int) {
	nameEnd := stringEnd(s, i)
	if nameEnd < 0 {
		return field, -1
	}
	if field.Name = s[i+1 : nameEnd-1]; bytes.IndexByte(field.Name, '\\') >= 0 {
		var name string
		if json.Unmarshal(s[i:nameEnd], &name) != nil {
			return field, -1
		}
		field.Name = []byte(name)
	}
	colon := skipSpace(s, nameEnd)
	if !has(s, colon, ':') {
		return field, -1
	}
	start := skipSpace(s, colon+1)
	if end = valueEnd(s, start); end > start {
		field.Value = json.RawMessage(s[start:end])
		return field, end
	}
	return field, -1
}

// valueEnd returns the byte after the value of s that begins at byte i, or -1 if it has no end.
func valueEnd(s []byte, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '"':
			if i = stringEnd(s, i); i < 0 || depth == 0 {
				return i
			}
			i--
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				return i + 1 + min(depth, 0) // below 0, the bracket closes the object around the value
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// stringEnd returns the byte after the string of s that begins at byte i, or -1 if there is none.
func stringEnd(s []byte, i int) int {
	if !has(s, i, '"') {
		return -1
	}
	for end := i + 1; ; end++ {
		next := bytes.IndexByte(s[end:], '"')
		if next < 0 {
			return -1
		}
		end += next
		escapes := 0
		for s[end-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return end + 1
		}
	}
}

func has(s []byte, i int, c byte) bool { return i < len(s) && s[i] == c }

func skipSpace(s []byte, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n') {
		i++
	}
	return i
}
