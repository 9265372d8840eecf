package main

import (
	"regexp"
	"slices"
	"strings"

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

func (w wanted) leavesOut(kind string) bool { return slices.Contains(w.leaveOut, kind) }

func (c *checker) wanted(s settings) wanted {
	words, without, err := stream.ParseWords(s.Track)
	if err != nil {
		c.fault("track", "%s, want words separated by commas, as in go,\"live music\",#tokyo,-spam", redactedText(err.Error()))
	}
	for _, lang := range s.Languages {
		if !language.MatchString(lang) {
			c.fault("languages", "%s, want codes such as en or pt-BR, separated by commas", shown(lang))
		}
	}
	for _, kind := range s.Leave {
		c.oneOf("leave-out", kind, reposts, replies, sensitive, textOnly)
	}
	return wanted{words: words, without: without, languages: s.Languages, blocked: s.Block, leaveOut: s.Leave}
}

var (
	language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	code     = regexp.MustCompile(`^[A-Z]{2}$`)
)

func (c *checker) country(s string) string {
	upper := strings.ToUpper(s)
	if s != "" && !code.MatchString(upper) {
		c.fault("country", "%s, want two letters such as DE", shown(s))
	}
	return upper
}
