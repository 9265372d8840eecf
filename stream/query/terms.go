package query

import (
	"strings"

	"nagare/stream/fold"
)

// Terms that have no further value. A query can't ask for NoIndex: it is for pages and feeds.
const (
	HasMedia    = "has:media"
	HasLink     = "has:link"
	HasPoll     = "has:poll"
	HasQuote    = "has:quote"
	IsReply     = "is:reply"
	IsRepost    = "is:repost"
	IsSensitive = "is:sensitive"
	IsBot       = "is:bot"     // the author says that a program posts
	NoIndex     = "is:noindex" // an author asks search engines not to list the post
)

// Tag returns the term of a hashtag, with or without "#", or "" if there is nothing in it.
func Tag(tag string) string { return term("tag:", strings.TrimLeft(fold.Tag(folded(tag)), "# ")) }

// From returns the terms of an author's handle: the handle, and without the server behind a second "@".
func From(handle string) []string { return handleTerms("from:", handle) }

// Involving returns the terms of a handle that a post involves: that of its author, of a mentioned author, or of the
// author of the post that it answers.
func Involving(handle string) []string { return handleTerms("who:", handle) }

// Lang returns the terms of a language: the tag in lower case, and each shorter tag that includes it.
func Lang(tag string) (terms []string) {
	for tag = langValue(tag); tag != ""; {
		terms = append(terms, "lang:"+tag)
		end := max(strings.LastIndexByte(tag, '-'), 0)
		tag = tag[:end]
	}
	return terms
}

// Source returns the term of a network.
func Source(id string) string { return term("source:", folded(id)) }

func term(kind, value string) string {
	if value == "" {
		return ""
	}
	return kind + value
}

func handleTerms(kind, handle string) []string {
	handle = handleValue(handle)
	if handle == "" {
		return nil
	}
	terms := []string{kind + handle}
	if name, _, found := strings.Cut(handle, "@"); found && name != "" {
		terms = append(terms, kind+name)
	}
	return terms
}

func handleValue(handle string) string { return strings.TrimLeft(folded(handle), "@ ") }

func langValue(tag string) string { return strings.ReplaceAll(folded(tag), "_", "-") }
