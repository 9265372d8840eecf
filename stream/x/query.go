package x

import (
	"strings"

	"nagare/stream"
)

// ruleFor returns a rule for the wanted posts, in X's query language; "" if no words are
// tracked. X bills every post that matches, so the rule excludes the posts that would not be
// shown.
func ruleFor(w stream.Wanted) string {
	if len(w.Words) == 0 {
		return ""
	}
	terms := []string{oneOf("", w.Words)}
	for _, word := range w.Without {
		terms = append(terms, "-"+quoted(word))
	}
	if len(w.Languages) > 0 {
		terms = append(terms, oneOf("lang:", LanguageCodes(w.Languages)))
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

// oneOf returns a term that matches posts with one of the words. The operator, such as "lang:",
// precedes each word.
func oneOf(operator string, words []string) string {
	var terms []string
	for _, word := range words {
		terms = append(terms, operator+quoted(word))
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return "(" + strings.Join(terms, " OR ") + ")"
}

// quoted returns word as one term of a rule, in quotation marks if needed.
func quoted(word string) string {
	if strings.ContainsAny(word, " :()-") {
		return `"` + strings.ReplaceAll(word, `"`, "") + `"`
	}
	return word
}
