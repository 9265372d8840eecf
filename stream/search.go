package stream

import (
	"slices"
	"strings"

	"nagare/stream/fold"
	"nagare/stream/query"
)

// SearchIndex returns what package query finds a post by: a text, which has the content of the post
// and the names of its author, and the terms, sorted.
func SearchIndex(p *Post) (text string, terms []string) {
	h := haystack{terms: make([]string, 0, 16)}
	h.addContent(p)
	h.texts = append(h.texts, p.Author.Name, p.Author.Handle)
	h.addPeople(p)
	h.addDomains(p)
	h.addKinds(p)
	return h.index()
}

// CardIndex is like SearchIndex. It also has the names of the reposter and of the author of the parent, as
// the card of the post shows them.
func CardIndex(p *Post) (text string, terms []string) {
	h := haystack{terms: make([]string, 0, 16)}
	h.addContent(p)
	h.addAuthors(p)
	h.addPeople(p)
	if by := p.RepostedBy; by != nil {
		h.terms = append(append(h.terms, query.From(by.Handle)...), query.Involving(by.Handle)...)
	}
	h.addDomains(p)
	h.addKinds(p)
	return h.index()
}

// contentOf returns the content of a post: its text and warning, the descriptions of its media,
// the options of its poll, the preview of the page that it links to, and its hashtags.
func contentOf(p *Post) (text string, tags []string) {
	var h haystack
	h.addContent(p)
	return h.index()
}

// cardOf returns everything that the card of a post shows: also the post that it quotes, and
// the names and handles of authors.
func cardOf(p *Post) (text string, tags []string) {
	var h haystack
	h.addContent(p)
	h.addAuthors(p)
	if quoted := p.Quoted(); quoted != nil {
		h.addContent(quoted)
		h.addAuthors(quoted)
	}
	return h.index()
}

// haystack collects the parts of a post that are searched.
type haystack struct{ texts, terms []string }

func (h *haystack) addContent(p *Post) {
	h.texts = append(h.texts, p.Warning, PlainText(p.Text))
	for _, s := range p.Text {
		if s.Kind == Hashtag {
			h.terms = append(h.terms, query.Tag(s.Text))
		}
	}
	for _, tag := range p.Tags {
		h.terms = append(h.terms, query.Tag(tag))
	}
	for _, m := range p.Media {
		h.texts = append(h.texts, m.Alt)
	}
	if p.Poll != nil {
		for _, o := range p.Poll.Options {
			h.texts = append(h.texts, o.Title)
		}
	}
	if p.Preview != nil {
		h.texts = append(h.texts, p.Preview.Title, p.Preview.Description)
	}
}

func (h *haystack) addAuthors(p *Post) {
	h.texts = append(h.texts, p.Author.Name, p.Author.Handle)
	if by := p.RepostedBy; by != nil {
		h.texts = append(h.texts, by.Name, by.Handle)
	}
	if p.ReplyTo != nil {
		h.texts = append(h.texts, p.ReplyTo.Handle)
	}
}

// addPeople adds the terms of the author, and of everybody who is mentioned or replied to.
func (h *haystack) addPeople(p *Post) {
	h.terms = append(append(h.terms, query.From(p.Author.Handle)...), query.Involving(p.Author.Handle)...)
	for _, s := range p.Text {
		if s.Kind == Mention {
			h.terms = append(h.terms, query.Involving(s.Text)...)
		}
	}
	if p.ReplyTo != nil {
		h.terms = append(h.terms, query.Involving(p.ReplyTo.Handle)...)
	}
}

// addDomains adds the terms of the hosts that the post links to, and of the author's server. The title
// of a link can be the address behind a short one. A handle without a dot names no server.
func (h *haystack) addDomains(p *Post) {
	if strings.Contains(p.Author.Handle, ".") {
		h.terms = append(h.terms, query.Domain(p.Author.Handle)...)
	}
	for _, s := range p.Text {
		if s.Kind == Link {
			h.terms = append(h.terms, query.Domain(s.Href)...)
			if strings.Contains(s.Title, "://") {
				h.terms = append(h.terms, query.Domain(s.Title)...)
			}
		}
	}
	if p.Preview != nil {
		h.terms = append(h.terms, query.Domain(p.Preview.URL)...)
	}
}

// addKinds adds the terms of the network, of the languages, and of what kind of post it is.
func (h *haystack) addKinds(p *Post) {
	h.terms = append(h.terms, query.Source(p.Source))
	h.addLang(p.Lang)
	for _, tag := range p.MoreLangs {
		h.addLang(tag)
	}
	quoted := p.Quoted()
	for _, property := range []struct {
		term string
		has  bool
	}{
		{query.HasMedia, len(p.Media) > 0},
		{query.HasLink, p.Preview != nil || slices.ContainsFunc(p.Text, func(s Segment) bool { return s.Kind == Link })},
		{query.HasPoll, p.Poll != nil},
		{query.HasQuote, p.Quote != nil && (p.Quote.Post != nil || p.Quote.URL != "")},
		{query.IsReply, p.ReplyTo != nil},
		{query.IsRepost, p.RepostedBy != nil},
		{query.IsSensitive, isCovered(p)},
		{query.IsBot, p.Author.Bot},
		{query.NoIndex, p.Author.NoIndex || quoted != nil && quoted.Author.NoIndex},
	} {
		if property.has {
			h.terms = append(h.terms, property.term)
		}
	}
}

// addLang adds the terms of a language, under its canonical code too.
func (h *haystack) addLang(tag string) {
	h.terms = append(append(h.terms, query.Lang(tag)...), query.Lang(ParseLanguage(tag))...)
}

// index returns the folded text, and the terms, sorted. The separator keeps a phrase from being found
// across two parts.
func (h *haystack) index() (text string, terms []string) {
	terms = slices.DeleteFunc(h.terms, func(t string) bool { return t == "" })
	slices.Sort(terms)
	return fold.Text(strings.Join(h.texts, "\n"+separator+"\n")), slices.Compact(terms)
}

// separator is a character that no word contains.
const separator = "\ufffc"
