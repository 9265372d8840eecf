package stream

import (
	"errors"
	"fmt"
	"strings"

	"nagare/stream/query"
)

// ParseWords parses a list of words as an operator writes it: words are separated by commas; a
// phrase that contains a comma is in quotes; "#" precedes a hashtag, and "-" a word that a
// post must not contain.
//
//	go,"live music",#tokyo,-spam
func ParseWords(list string) (words, without []string, err error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil, nil
	}
	for n, more := 1, true; more; n++ {
		var word string
		rest, unwanted := strings.CutPrefix(strings.TrimSpace(list), "-")
		word, list, more, err = nextWord(rest)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("word %d: %w", n, err)
		case unwanted:
			without = append(without, word)
		default:
			words = append(words, word)
		}
	}
	return words, without, nil
}

// nextWord returns the first word of the list and the rest after the comma. More reports
// whether there was a comma.
func nextWord(list string) (word, rest string, more bool, err error) {
	if quoted, ok := strings.CutPrefix(list, `"`); ok {
		if word, rest, ok = strings.Cut(quoted, `"`); !ok {
			return "", "", false, errors.New("its quote has no end")
		}
		if rest = strings.TrimSpace(rest); rest != "" && rest[0] != ',' {
			return "", "", false, fmt.Errorf("a comma is missing after %q", word)
		}
		rest, more = strings.CutPrefix(rest, ",")
	} else if word, rest, more = strings.Cut(list, ","); strings.Contains(word, `"`) {
		return "", "", false, fmt.Errorf("a quote in the middle of %q", word)
	}
	word = strings.TrimSpace(word)
	if _, err = query.ParsePattern(word); err != nil {
		return "", "", false, err
	}
	return word, rest, more, nil
}
