package x

import (
	"strings"

	"nagare/stream"
)

// ruleFor describes the wanted posts in X's query language, so that a post that is not
// shown is not paid for either. It is empty if no words are tracked.
func ruleFor(w stream.Wanted) string {
	if len(w.Words) == 0 {
		return ""
	}
	terms := []string{anyOf("", w.Words)}
	for _, word := range w.Without {
		terms = append(terms, "-"+quoted(word))
	}
	if len(w.Languages) > 0 {
		terms = append(terms, anyOf("lang:", w.Languages))
	}
	if w.NoReposts {
		terms = append(terms, "-is:retweet")
	}
	if w.NoReplies {
		terms = append(terms, "-is:reply")
	}
	if w.MediaOnly {
		terms = append(terms, "has:media")
	}
	return strings.Join(terms, " ")
}

// anyOf matches posts with one of the words, behind an operator such as "lang:".
func anyOf(operator string, words []string) string {
	var terms []string
	for _, word := range words {
		terms = append(terms, operator+quoted(word))
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return "(" + strings.Join(terms, " OR ") + ")"
}

// quoted makes one term of several words.
func quoted(word string) string {
	if strings.ContainsAny(word, " :()-") {
		return `"` + strings.ReplaceAll(word, `"`, "") + `"`
	}
	return word
}
