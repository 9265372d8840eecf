package main

import (
	"slices"

	"nagare/stream"
)

// wanted is which posts the operator wants to show.
type wanted struct {
	words, without []string // of --track
	languages      []string
	blocked        []string // authors
	leaveOut       []string // kinds of posts
}

// The kinds of posts that can be left out.
const (
	reposts   = "reposts"
	replies   = "replies"
	sensitive = "sensitive"
	textOnly  = "textonly"
)

// filter keeps the wanted posts, with one of the words if there are any.
func (w wanted) filter(words []string) *stream.Filter {
	return &stream.Filter{
		Words: words, Without: w.without, Langs: w.languages, Blocked: w.blocked,
		NoReposts: w.leavesOut(reposts), NoReplies: w.leavesOut(replies),
		NoSensitive: w.leavesOut(sensitive), MediaOnly: w.leavesOut(textOnly),
	}
}

// tracked reports whether the operator chose posts by their words.
func (w wanted) tracked() bool { return len(w.words)+len(w.without) > 0 }

func (w wanted) leavesOut(kind string) bool { return slices.Contains(w.leaveOut, kind) }
