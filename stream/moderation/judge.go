package moderation

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
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
	case m.settings.Mode == After, slices.Contains(m.settings.Allowed, strings.ToLower(p.Author.Handle)), before != nil && saysTheSame(p, before):
		return "", stream.Decision{}
	case m.settings.After() > 0:
		return stream.Pending, decide(ForDelay)
	}
	return stream.Pending, decide(ForApproval)
}

// objection returns why the post must be hidden, or "", and the key of the author whose block hides it,
// if one does. m.mu is held.
func (m *Moderator) objection(p, before *stream.Post, now time.Time) (why, author string) {
	text, terms := stream.SearchIndex(p)
	for _, r := range m.rules {
		if r.hides(p, text, terms) {
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
	if most := m.settings.MostPosts; most > 0 && m.rates.count(p.Author.Key, now) > most {
		return "more than " + strconv.Itoa(most) + " posts a minute"
	}
	if m.settings.HideDuplicates && p.RepostedBy == nil {
		if words := fold.Text(stream.PlainText(p.Text)); len([]rune(words)) >= shortestDuplicate && m.duplicates.seen(words, now) {
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
	return a.Warning == b.Warning && reflect.DeepEqual(a.Text, b.Text) && slices.Equal(a.Tags, b.Tags) && slices.Equal(a.Media, b.Media) &&
		reflect.DeepEqual(a.Preview, b.Preview) && slices.Equal(options(a), options(b)) && saysTheSame(a.Quoted(), b.Quoted())
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

// hides reports whether the rule hides the post. A blocked author's words are hidden also where
// others repost or quote them.
func (c compiled) hides(p *stream.Post, text string, terms []string) bool {
	if c.Author == "" {
		return c.query.Matches(text, terms)
	}
	for _, a := range (stream.Op{Post: p}).Authors() {
		if a.Key == c.Author {
			return true
		}
	}
	return false
}

// rates counts the posts of each author in the last minute.
type rates map[string][]time.Time

// count adds a post, and returns how many there were in the last minute, with this one.
func (r rates) count(author string, now time.Time) int {
	if len(r) > 10_000 {
		for key, times := range r {
			if now.Sub(times[len(times)-1]) > ratePeriod {
				delete(r, key)
			}
		}
	}
	recent := slices.DeleteFunc(r[author], func(t time.Time) bool { return now.Sub(t) >= ratePeriod })
	r[author] = append(recent, now)
	return len(r[author])
}

// duplicates holds the words of the posts of the last ten minutes, each with the time of the newest.
type duplicates map[string]time.Time

// seen adds words, and reports whether they were added before.
func (d duplicates) seen(words string, now time.Time) bool {
	if len(d) > 50_000 {
		for key, at := range d {
			if now.Sub(at) > duplicatePeriod {
				delete(d, key)
			}
		}
	}
	at, known := d[words]
	d[words] = now
	return known && now.Sub(at) < duplicatePeriod
}
