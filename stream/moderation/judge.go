package moderation

import (
	"reflect"
	"slices"
	"strconv"
	"time"

	"nagare/stream"
	"nagare/stream/fold"
	"nagare/stream/query"
)

const (
	ratePeriod        = time.Minute
	duplicatePeriod   = 10 * time.Minute
	shortestDuplicate = 12 // characters: shorter texts, such as greetings, are the same by chance
)

// Reasons of a decision that no rule made.
const (
	ForApproval = "approval"
	ForDelay    = "delay"
)

// Judge decides about a new post, or about one whose content has changed: then before is the earlier
// content. It implements reconcile.Policy.
func (m *Moderator) Judge(p, before *stream.Post) (stream.Held, stream.Decision) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	decide := func(why string) stream.Decision { return stream.Decision{Why: why, At: now.UTC()} }
	if m.settings.Mode == Off {
		return "", stream.Decision{}
	}
	if why, author := m.objection(p, before, now); why != "" {
		decision := decide(why)
		decision.Author = author
		return stream.Hidden, decision
	}
	switch {
	case m.settings.Mode == After, m.needsNoApproval(p, before):
		return "", stream.Decision{}
	case m.settings.After() > 0:
		return stream.Pending, decide(ForDelay)
	}
	return stream.Pending, decide(ForApproval)
}

// needsNoApproval reports whether moderators have approved what the post says and whom it names as reposter,
// or these authors' posts don't wait. m.mu is held.
func (m *Moderator) needsNoApproval(p, before *stream.Post) bool {
	by := p.RepostedBy
	named := by == nil || before != nil && before.RepostedBy != nil && before.RepostedBy.KeyAt(before.Source) == by.KeyAt(p.Source)
	return (m.allows(&p.Author, p.Source) || before != nil && saysTheSame(p, before)) && (named || m.allows(by, p.Source))
}

// allows reports whether posts by an author of a network don't wait. m.mu is held.
func (m *Moderator) allows(author *stream.Author, network string) bool {
	return slices.ContainsFunc(m.settings.Allowed, func(a Author) bool { return a.is(author, network) })
}

// objection returns why the post must be hidden, or "", and the key of the author whose block hides it,
// if one does. m.mu is held.
func (m *Moderator) objection(p, before *stream.Post, now time.Time) (why, author string) {
	parts := partsOf(p)
	for _, r := range m.rules {
		if r.hides(p, parts) {
			return r.why(), r.Author
		}
	}
	if before != nil {
		return "", ""
	}
	return m.excess(p, now), ""
}

// excess returns which limit for new posts the post exceeds, or "". m.mu is held.
func (m *Moderator) excess(p *stream.Post, now time.Time) string {
	if most := m.settings.MostPosts; most > 0 && m.rates.add(p.Author.KeyAt(p.Source), now) > most {
		return "more than " + strconv.Itoa(most) + " posts a minute"
	}
	if m.settings.HideDuplicates && p.RepostedBy == nil {
		if words := fold.Text(stream.PlainText(p.Text)); len([]rune(words)) >= shortestDuplicate && m.duplicates.add(words, now) > 1 {
			return "the same words as another post"
		}
	}
	return ""
}

// saysTheSame reports whether version a of a post says no more than version b, which a moderator has
// approved. The name and the picture of the author may differ: some networks report them after the
// post. A quoted post may be gone.
func saysTheSame(a, b *stream.Post) bool {
	if a == nil || b == nil {
		return a == nil
	}
	return a.Warning == b.Warning && (a.Sensitive || !b.Sensitive) && reflect.DeepEqual(a.Text, b.Text) && slices.Equal(a.Tags, b.Tags) &&
		slices.Equal(a.Media, b.Media) && slices.Equal(a.Emoji, b.Emoji) && reflect.DeepEqual(a.Preview, b.Preview) &&
		slices.Equal(options(a), options(b)) && saysTheSame(a.Quoted(), b.Quoted())
}

// options returns the answers of a poll.
func options(p *stream.Post) (titles []string) {
	if p.Poll != nil {
		for _, o := range p.Poll.Options {
			titles = append(titles, o.Title)
		}
	}
	return titles
}

// compiled is a rule that is ready to be applied.
type compiled struct {
	Rule
	query query.Query
}

func compile(rules []Rule) (out []compiled) {
	for _, r := range rules {
		c := compiled{Rule: r}
		if r.Author == "" {
			q, err := query.Parse(r.Query)
			if err != nil || q.IsZero() {
				continue // from a newer version of the program: a rule that hides nothing is better than one that hides all
			}
			c.query = q
		}
		out = append(out, c)
	}
	return out
}

// part is what rules look at of a post, or of the post that it quotes.
type part struct {
	text  string
	terms []string
}

func partsOf(p *stream.Post) (parts []part) {
	for ; p != nil; p = p.Quoted() {
		text, terms := stream.CardIndex(p)
		parts = append(parts, part{text, terms})
	}
	return parts
}

// Matches reports whether a rule with that query hides the post: it matches the post with its reposter, or
// the quoted post.
func Matches(q query.Query, p *stream.Post) bool {
	return slices.ContainsFunc(partsOf(p), func(part part) bool { return q.Matches(part.text, part.terms) })
}

// hides reports whether the rule hides the post. A blocked author's words are hidden also where
// others repost or quote them.
func (c compiled) hides(p *stream.Post, parts []part) bool {
	if c.Author == "" {
		return slices.ContainsFunc(parts, func(part part) bool { return c.query.Matches(part.text, part.terms) })
	}
	for ; p != nil; p = p.Quoted() {
		if p.Author.KeyAt(p.Source) == c.Author || p.RepostedBy != nil && p.RepostedBy.KeyAt(p.Source) == c.Author {
			return true
		}
	}
	return false
}
