package stream

import (
	"net/url"
	"slices"
	"time"
)

// xView is a message laid open: what its posts refer to, by id.
type xView struct {
	at      time.Time // when it came
	country string    // where it is shown; empty if nobody said
	users   map[string]xUser
	posts   map[string]xPost
	media   map[string]xMedia
	polls   map[string]xPoll
	gone    map[string]bool // what X says may not be shown
}

func viewX(m xMessage, at time.Time, country string) xView {
	v := xView{
		at: at, country: country, gone: map[string]bool{},
		users: byID(m.Includes.Users, func(u xUser) string { return u.ID }),
		posts: byID(m.Includes.Posts, func(p xPost) string { return p.ID }),
		media: byID(m.Includes.Media, func(m xMedia) string { return m.Key }),
		polls: byID(m.Includes.Polls, func(p xPoll) string { return p.ID }),
	}
	for _, e := range m.Errors {
		if id := e.gone(); id != "" {
			v.gone[id] = true
		}
	}
	return v
}

func byID[T any](all []T, id func(T) string) map[string]T {
	out := make(map[string]T, len(all))
	for _, one := range all {
		out[id(one)] = one
	}
	return out
}

// op is what p means for the timeline.
func (v xView) op(p xPost) Op {
	if op, hidden := v.hides(p); hidden {
		return op
	}
	if id := p.refersTo("retweeted"); id != "" {
		if inner, known := v.posts[id]; known {
			return v.repost(p, inner)
		}
		if v.gone[id] {
			return v.destroy(id, Unavailable)
		}
	}
	op := Op{Kind: Create, At: v.at, ID: xKey(p.ID), Post: v.tweet(p), Earlier: p.earlier()}
	if len(op.Earlier) > 0 {
		op.Kind = Update
	}
	return op
}

func (v xView) destroy(id string, why Reason) Op {
	return Op{Kind: Destroy, At: v.at, ID: xKey(id), Reason: why}
}

// repost is about the inner post; of the outer one, only who and when counts: its
// text is the inner one's, cut.
func (v xView) repost(outer, inner xPost) Op {
	if op, hidden := v.hides(inner); hidden {
		return op
	}
	by := v.author(outer.AuthorID)
	t := v.tweet(inner)
	t.RepostedBy = &by
	return Op{Kind: Create, At: v.at, ID: xKey(outer.ID), Post: t}
}

// hides tells what takes p away where it may not be shown.
func (v xView) hides(p xPost) (Op, bool) {
	author := v.users[p.AuthorID]
	byAuthor := p.Withheld.Scope == "user" && v.withheld(p.Withheld) || v.withheld(author.Withheld)
	switch {
	case byAuthor && p.AuthorID != "":
		return Op{Kind: AuthorGone, At: v.at, Author: &Author{Key: xKey(p.AuthorID)}, Reason: ByNetwork}, true
	case byAuthor, v.withheld(p.Withheld):
		return v.destroy(p.ID, ByNetwork), true
	case author.Protected:
		return v.destroy(p.ID, Unavailable), true
	}
	return Op{}, false
}

// withheld reports whether a list of countries means here.
func (v xView) withheld(w xWithheld) bool { return withheldIn(w.Countries, v.country) }

// withheldIn is where p may not be shown.
func (v xView) withheldIn(p xPost) []string {
	return countries(p.Withheld.Countries, v.users[p.AuthorID].Withheld.Countries)
}

func (v xView) tweet(p xPost) *Post {
	quote := v.quote(p)
	t := v.alone(p, quote)
	t.Quote = quote
	return t
}

// alone is p without the post it quotes, which is only mentioned here so that the
// text needn't.
func (v xView) alone(p xPost, quote *Quote) *Post {
	media, missing := v.pictures(p)
	poll, unseen := v.poll(p)
	reply := v.reply(p)
	t := &Post{
		ID: xKey(p.ID), Source: "x", URL: xAddress(v.users[p.AuthorID].Username, p.ID),
		CreatedAt: v.created(p), Lang: xLanguage(p.Lang), Author: v.author(p.AuthorID),
		Sensitive: p.Sensitive, Media: media, Poll: poll, ReplyTo: reply, Unsupported: missing || unseen,
		WithheldIn: v.withheldIn(p),
	}
	if len(p.earlier()) > 0 {
		t.EditedAt = t.CreatedAt
		t.CreatedAt = earliest(t.CreatedAt, xIDTime(p.Versions[0]))
	}
	shown := shownX{media: len(media) > 0 && !missing, reply: reply != nil}
	if quote != nil && quote.Post != nil {
		shown.quote = p.refersTo("quoted")
	}
	t.Text = p.segments(shown)
	if len(media) == 0 && quote == nil {
		t.Preview = p.card()
	}
	return t
}

func (v xView) quote(p xPost) *Quote {
	id := p.refersTo("quoted")
	if id == "" {
		return nil
	}
	q := &Quote{ID: xKey(id)}
	inner, known := v.posts[id]
	_, hidden := v.hides(inner)
	switch {
	case known && !hidden:
		q.Post = v.alone(inner, nil)
		q.URL = q.Post.URL
	case !known && !v.gone[id]:
		q.URL = xAddress("", id)
	}
	return q
}

// reply names whom p answers, if the message tells his name.
func (v xView) reply(p xPost) *Reply {
	handle := v.users[p.ReplyTo].Username
	for _, m := range p.Entities.Mentions {
		if handle == "" && m.ID == p.ReplyTo {
			handle = m.Username
		}
	}
	id := p.refersTo("replied_to")
	if handle == "" || id == "" {
		return nil
	}
	return &Reply{Handle: handle, URL: xAddress(handle, id)}
}

// author is who has that id, even where the message doesn't bring more of him.
func (v xView) author(id string) Author {
	u := v.users[id]
	if id == "" {
		return Author{}
	}
	a := Author{Key: xKey(id), Handle: u.Username, Name: u.Name, Avatar: webAddress(sharper(u.Avatar))}
	if u.Username != "" {
		a.URL = webAddress("https://x.com/" + url.PathEscape(u.Username))
	} else if xNumber(id) {
		a.URL = "https://x.com/i/user/" + id
	}
	return a
}

// created is when p was written, which is not after it came.
func (v xView) created(p xPost) time.Time {
	at, err := time.Parse(time.RFC3339, p.CreatedAt)
	if err != nil {
		at = xIDTime(p.ID)
	}
	return earliest(at, v.at)
}

func (p xPost) refersTo(how string) string {
	for _, r := range p.References {
		if r.Type == how && xNumber(r.ID) {
			return r.ID
		}
	}
	return ""
}

// earlier are the keys of the versions before this one: each edit has an id of its own.
func (p xPost) earlier() []string {
	var out []string
	for _, id := range p.Versions[:max(slices.Index(p.Versions, p.ID), 0)] {
		out = append(out, xKey(id))
	}
	return out
}
