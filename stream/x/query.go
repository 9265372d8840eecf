package x

import (
	"strings"

	"nagare/stream"
)

// ruleFor describes the wanted posts in X's query language: X bills all posts that match,
// so the rule excludes posts that would not be shown. It is empty if no words are tracked.
func ruleFor(w stream.Wanted) string {
	if len(w.Words) == 0 {
		return ""
	}
	terms := []string{oneOf("", w.Words)}
	for _, word := range w.Without {
		terms = append(terms, "-"+quoted(word))
	}
	if len(w.Languages) > 0 {
		terms = append(terms, oneOf("lang:", w.Languages))
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

// oneOf matches posts with one of the words. Each gets the operator, such as "lang:".
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

// quoted returns word as one term of a rule.
func quoted(word string) string {
	if strings.ContainsAny(word, " :()-") {
		return `"` + strings.ReplaceAll(word, `"`, "") + `"`
	}
	return word
}
