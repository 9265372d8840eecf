package x

import (
	"net/url"
	"slices"
	"time"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// xView is a message laid open: what its posts refer to, by id.
type view struct {
	at      time.Time // when it came
	country string    // where it is shown; empty if nobody said
	users   map[string]user
	posts   map[string]post
	media   map[string]media
	polls   map[string]poll
	gone    map[string]bool // what X says may not be shown
}

func viewOf(m message, at time.Time, country string) view {
	v := view{
		at: at, country: country, gone: map[string]bool{},
		users: byID(m.Includes.Users, func(u user) string { return u.ID }),
		posts: byID(m.Includes.Posts, func(p post) string { return p.ID }),
		media: byID(m.Includes.Media, func(m media) string { return m.Key }),
		polls: byID(m.Includes.Polls, func(p poll) string { return p.ID }),
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
func (v view) op(p post) stream.Op {
	if op, hidden := v.hides(p); hidden {
		return op
	}
	if id := p.refersTo("retweeted"); id != "" {
		if inner, known := v.posts[id]; known {
			return v.repost(p, inner)
		}
		if v.gone[id] {
			return v.destroy(id, stream.Unavailable)
		}
	}
	op := stream.Op{Kind: stream.Create, At: v.at, ID: keyOf(p.ID), Post: v.post(p), Earlier: p.earlier()}
	if len(op.Earlier) > 0 {
		op.Kind = stream.Update
	}
	return op
}

func (v view) destroy(id string, why stream.Reason) stream.Op {
	return stream.Op{Kind: stream.Destroy, At: v.at, ID: keyOf(id), Reason: why}
}

// repost is about the inner post; of the outer one, only who and when counts: its
// text is the inner one's, cut.
func (v view) repost(outer, inner post) stream.Op {
	if op, hidden := v.hides(inner); hidden {
		return op
	}
	by := v.author(outer.AuthorID)
	t := v.post(inner)
	t.RepostedBy = &by
	return stream.Op{Kind: stream.Create, At: v.at, ID: keyOf(outer.ID), Post: t}
}

// hides tells what takes p away where it may not be shown.
func (v view) hides(p post) (stream.Op, bool) {
	author := v.users[p.AuthorID]
	byAuthor := p.Withheld.Scope == "user" && v.withheld(p.Withheld) || v.withheld(author.Withheld)
	switch {
	case byAuthor && p.AuthorID != "":
		return stream.Op{Kind: stream.AuthorGone, At: v.at, Author: &stream.Author{Key: keyOf(p.AuthorID)}, Reason: stream.ByNetwork}, true
	case byAuthor, v.withheld(p.Withheld):
		return v.destroy(p.ID, stream.ByNetwork), true
	case author.Protected:
		return v.destroy(p.ID, stream.Unavailable), true
	}
	return stream.Op{}, false
}

// withheld reports whether a list of countries means here.
func (v view) withheld(w withheld) bool { return text.WithheldIn(w.Countries, v.country) }

// withheldIn is where p may not be shown.
func (v view) withheldIn(p post) []string {
	return text.Countries(p.Withheld.Countries, v.users[p.AuthorID].Withheld.Countries)
}

func (v view) post(p post) *stream.Post {
	quote := v.quote(p)
	t := v.postWithout(p, quote)
	t.Quote = quote
	return t
}

// alone is p without the post it quotes, which is only mentioned here so that the
// text needn't.
func (v view) postWithout(p post, quote *stream.Quote) *stream.Post {
	media, missing := v.pictures(p)
	poll, unseen := v.poll(p)
	reply := v.reply(p)
	t := &stream.Post{
		ID: keyOf(p.ID), Source: "x", URL: PostURL(v.users[p.AuthorID].Username, p.ID),
		CreatedAt: v.created(p), Lang: Language(p.Lang), Author: v.author(p.AuthorID),
		Sensitive: p.Sensitive, Media: media, Poll: poll, ReplyTo: reply, Unsupported: missing || unseen,
		WithheldIn: v.withheldIn(p),
	}
	if len(p.earlier()) > 0 {
		t.EditedAt = t.CreatedAt
		t.CreatedAt = stream.Earliest(t.CreatedAt, IDTime(p.Versions[0]))
	}
	shown := shownBeside{media: len(media) > 0 && !missing, reply: reply != nil}
	if quote != nil && quote.Post != nil {
		shown.quote = p.refersTo("quoted")
	}
	t.Text = p.segments(shown)
	if len(media) == 0 && quote == nil {
		t.Preview = p.card()
	}
	return t
}

func (v view) quote(p post) *stream.Quote {
	id := p.refersTo("quoted")
	if id == "" {
		return nil
	}
	q := &stream.Quote{ID: keyOf(id)}
	inner, known := v.posts[id]
	_, hidden := v.hides(inner)
	switch {
	case known && !hidden:
		q.Post = v.postWithout(inner, nil)
		q.URL = q.Post.URL
	case !known && !v.gone[id]:
		q.URL = PostURL("", id)
	}
	return q
}

// reply names whom p answers, if the message tells his name.
func (v view) reply(p post) *stream.Reply {
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
	return &stream.Reply{Handle: handle, URL: PostURL(handle, id)}
}

// author is who has that id, even where the message doesn't bring more of him.
func (v view) author(id string) stream.Author {
	u := v.users[id]
	if id == "" {
		return stream.Author{}
	}
	a := stream.Author{Key: keyOf(id), Handle: u.Username, Name: u.Name, Avatar: text.WebAddress(SharperAvatar(u.Avatar))}
	if u.Username != "" {
		a.URL = text.WebAddress("https://x.com/" + url.PathEscape(u.Username))
	} else if isID(id) {
		a.URL = "https://x.com/i/user/" + id
	}
	return a
}

// created is when p was written, which is not after it came.
func (v view) created(p post) time.Time {
	at, err := time.Parse(time.RFC3339, p.CreatedAt)
	if err != nil {
		at = IDTime(p.ID)
	}
	return stream.Earliest(at, v.at)
}

func (p post) refersTo(how string) string {
	for _, r := range p.References {
		if r.Type == how && isID(r.ID) {
			return r.ID
		}
	}
	return ""
}

// earlier are the keys of the versions before this one: each edit has an id of its own.
func (p post) earlier() []string {
	var out []string
	for _, id := range p.Versions[:max(slices.Index(p.Versions, p.ID), 0)] {
		out = append(out, keyOf(id))
	}
	return out
}
