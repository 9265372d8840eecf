package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"nagare/stream"
)

// history makes up what networks report about some people and their posts, in random order. Every
// word, name and address in it occurs only once, so that a word that is found tells where it came
// from. The history knows which words must no longer be sent to any reader.
type history struct {
	t      *rapid.T
	emit   func(stream.Op) error
	can    abilities
	at     time.Time
	people []*person // all authors, without the reposters
	posts  []*told
	words  int
	dead   map[string]bool
}

// abilities are the parts of a history that a network can report.
type abilities struct {
	kinds    []stream.Kind // ops other than creates and deletions of posts
	reposts  bool
	timeless bool // edits without a time
	versions bool // an edit is a post of its own, so that it is shown even if the earlier ones are unknown
}

func (a abilities) has(kind stream.Kind) bool { return slices.Contains(a.kinds, kind) }

// everything is reported by no single network, but by recordings.
var everything = abilities{[]stream.Kind{stream.Update, stream.Withheld, stream.AuthorUpdate, stream.AuthorGone, stream.AuthorBack}, true, true, false}

// person is an author of posts or a reposter.
type person struct {
	stream.Author
	words []string // the words in the current profile
	gone  bool
}

// told is a post in its newest version, with what the history knows about it.
type told struct {
	stream.Post
	by        *person
	words     []string // the words in the newest version
	old       []*stream.Post
	timeless  bool // its edits are reported without a time
	own       bool // it was emitted as a post, not only as a quote or a repost
	reposts   map[string]*person
	quotes    *told
	answers   *person // the author of the parent; nil if the post is no reply
	destroyed bool
	hidden    bool // by a moderator
}

func newHistory(t *rapid.T, can abilities, emit func(stream.Op) error) *history {
	h := &history{t: t, emit: emit, can: can, at: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC), dead: map[string]bool{}}
	for range 3 {
		h.people = append(h.people, h.person())
	}
	return h
}

const wordLength = len("zq000000qz")

// word returns a word that occurs nowhere else, and appends it to into.
func (h *history) word(into *[]string) string {
	h.words++
	word := fmt.Sprintf("zq%06dqz", h.words)
	*into = append(*into, word)
	return word
}

// seal marks words as ones that must no longer be sent to any reader.
func (h *history) seal(words []string) {
	for _, word := range words {
		h.dead[word] = true
	}
}

// sealed returns a word of the text that seal has marked, or "" if the text has none.
func (h *history) sealed(text string) string {
	for {
		i := strings.Index(text, "zq")
		if i < 0 || len(text) < i+wordLength {
			return ""
		}
		if word := text[i:][:wordLength]; h.dead[word] {
			return word
		}
		text = text[i+2:]
	}
}

func (h *history) person() *person {
	p := &person{Author: stream.Author{Key: fmt.Sprint("key:", h.words)}}
	h.rename(p)
	return p
}

func (h *history) rename(p *person) {
	h.seal(p.words)
	p.words = nil
	p.Handle, p.Name = h.word(&p.words), h.word(&p.words)
	p.Avatar, p.URL = "https://example.com/"+h.word(&p.words), "https://example.com/"+h.word(&p.words)
	if p.gone {
		h.seal(p.words)
	}
}

// post makes a post that hasn't been emitted yet. If quotes is given, the new post quotes that
// one.
func (h *history) post(quotes *told) *told {
	id := fmt.Sprint("mastodon:", len(h.posts))
	p := &told{Post: stream.Post{ID: id, Source: "mastodon", CreatedAt: h.at}, reposts: map[string]*person{}, quotes: quotes}
	p.by = rapid.SampledFrom(h.people).Draw(h.t, "author")
	p.timeless = h.can.timeless && rapid.Bool().Draw(h.t, "edits without a time")
	if rapid.IntRange(0, 2).Draw(h.t, "is a reply") == 0 {
		p.answers = rapid.SampledFrom(h.people).Draw(h.t, "author of the parent")
	}
	h.posts = append(h.posts, p)
	h.write(p)
	return p
}

// write gives the post a new version with new words.
func (h *history) write(p *told) {
	h.seal(p.words)
	p.words = nil
	word := func() string { return h.word(&p.words) }
	address := func() string { return "https://example.com/" + word() }
	p.URL = address()
	p.Text = []stream.Segment{{Text: word() + " "}, {Kind: stream.Link, Text: word(), Href: address()}}
	p.Warning, p.Preview, p.Poll, p.Media, p.Emoji = "", nil, nil, nil, nil
	switch rapid.IntRange(0, 3).Draw(h.t, "what it has") {
	case 0:
		p.Warning = word() + " :" + "heart:"
		p.Emoji = []stream.CustomEmoji{{Code: "heart", Src: address()}}
	case 1:
		p.Preview = &stream.LinkPreview{URL: address(), Title: word(), Description: word(), Image: address()}
	case 2:
		p.Poll = &stream.Poll{Options: []stream.PollOption{{Title: word()}, {Title: word()}}}
	case 3:
		p.Media = []stream.Media{{Kind: "image", Preview: address(), URL: address(), Alt: word()}}
	}
	if p.isGone() || p.hidden {
		h.seal(p.words)
	}
}

func (p *told) isGone() bool { return p.destroyed || p.by.gone }

// content returns the post as its network would send it now.
func (p *told) content() *stream.Post {
	post := p.Post
	post.Author = p.by.Author
	post.ReplyTo = p.reply()
	if q := p.quotes; q != nil {
		quoted := q.Post
		quoted.Author, quoted.ReplyTo = q.by.Author, q.reply()
		post.Quote = &stream.Quote{ID: q.ID, URL: q.URL, Post: &quoted}
	}
	return &post
}

// reply returns what the network says of the author of the post's parent.
func (p *told) reply() *stream.Reply {
	if p.answers == nil {
		return nil
	}
	return &stream.Reply{Key: p.answers.Key, Handle: p.answers.Handle, URL: "https://example.com/" + p.answers.Handle + "/1"}
}

// carded reports whether the reconciler knows the post as such, and not only as a quote.
func (p *told) carded() bool { return !p.destroyed && (p.own || len(p.reposts) > 0) }

func (h *history) tell(op stream.Op) {
	h.at = h.at.Add(time.Second)
	op.At = h.at
	if err := h.emit(op); err != nil {
		h.t.Fatalf("emit: %v", err)
	}
}

func (h *history) any() *told {
	if len(h.posts) == 0 {
		return h.post(nil)
	}
	return rapid.SampledFrom(h.posts).Draw(h.t, "post")
}

// absent returns the words in the profiles of people whom no post on the page names any more.
func (h *history) absent() (words []string) {
	named := map[*person]bool{}
	for _, p := range h.posts {
		if p.isGone() || p.hidden || !p.own && len(p.reposts) == 0 {
			continue
		}
		named[p.by], named[p.answers] = true, true
		for _, by := range p.reposts {
			named[by] = true
		}
		if q := p.quotes; q != nil && !q.isGone() && !q.hidden {
			named[q.by], named[q.answers] = true, true
		}
	}
	for _, p := range h.people {
		if !named[p] {
			words = append(words, p.words...)
		}
	}
	return words
}

// actions returns the random events from which a history is made.
func (h *history) actions() map[string]func(*rapid.T) {
	all := h.allActions()
	for name, kind := range map[string]stream.Kind{
		"edit": stream.Update, "late": stream.Update, "withhold": stream.Withheld,
		"rename": stream.AuthorUpdate, "gone": stream.AuthorGone, "back": stream.AuthorBack,
	} {
		if !h.can.has(kind) {
			delete(all, name)
		}
	}
	if !h.can.reposts {
		delete(all, "repost")
		delete(all, "undo")
	}
	return all
}

func (h *history) allActions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"create":   func(*rapid.T) { h.create(h.post(nil)) },
		"quote":    func(*rapid.T) { h.create(h.post(h.any())) },
		"stranger": func(*rapid.T) { h.create(h.post(h.post(nil))) }, // quotes a post that is emitted only as that quote
		"again":    func(*rapid.T) { h.create(h.any()) },
		"late":     func(*rapid.T) { h.late(h.any()) },
		"edit":     func(*rapid.T) { h.edit(h.any()) },
		"destroy":  func(*rapid.T) { h.destroy(h.any()) },
		"repost":   func(*rapid.T) { h.repost(h.any()) },
		"undo":     func(*rapid.T) { h.undo(h.any()) },
		"withhold": func(*rapid.T) { h.tell(stream.Op{Kind: stream.Withheld, ID: h.any().ID, Where: []string{"DE"}}) },
		"rename": func(*rapid.T) {
			p := h.anybody()
			h.rename(p)
			now := p.Author
			h.tell(stream.Op{Kind: stream.AuthorUpdate, Author: &now})
		},
		"gone": func(*rapid.T) { h.leave(rapid.SampledFrom(h.people).Draw(h.t, "author")) },
		"back": func(*rapid.T) { h.comeBack(rapid.SampledFrom(h.people).Draw(h.t, "author")) },
	}
}
