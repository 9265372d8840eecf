package x

import (
	"net/url"
	"slices"
	"time"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// view has the objects that a message includes, by id. It is not changed after newView.
type view struct {
	at      time.Time // when the message arrived
	country string    // of the audience; empty: unknown
	users   map[string]user
	posts   map[string]post
	media   map[string]media
	polls   map[string]poll
	gone    map[string]bool // posts that X reports as unavailable
}

func newView(m message, at time.Time, country string) view {
	v := view{
		at: at, country: country, gone: map[string]bool{},
		users: byID(m.Includes.Users, func(u user) string { return u.ID }),
		posts: byID(m.Includes.Posts, func(p post) string { return p.ID }),
		media: byID(m.Includes.Media, func(m media) string { return m.Key }),
		polls: byID(m.Includes.Polls, func(p poll) string { return p.ID }),
	}
	for _, e := range m.Errors {
		if id := e.unavailableID(); id != "" {
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

// op converts p: to a create, an update if p is an edit, or the removal of a post that must not
// be shown.
func (v view) op(p post) stream.Op {
	if op, hidden := v.removal(p); hidden {
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

func (v view) destroy(id string, reason stream.Reason) stream.Op {
	return stream.Op{Kind: stream.Destroy, At: v.at, ID: keyOf(id), Reason: reason}
}

// repost returns the op of a repost. It shows the inner post and names the reposter; the text
// of the outer post is only a truncated copy.
func (v view) repost(outer, inner post) stream.Op {
	if op, hidden := v.removal(inner); hidden {
		return op
	}
	by := v.author(outer.AuthorID)
	t := v.post(inner)
	t.RepostedBy = &by
	return stream.Op{Kind: stream.Create, At: v.at, ID: keyOf(outer.ID), Post: t, Earlier: inner.earlier()}
}

// removal returns the op that removes p. The result is false if p may be shown to the audience.
func (v view) removal(p post) (stream.Op, bool) {
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

// withheld reports whether the audience's country is among those in which w withholds
// something.
func (v view) withheld(w withheld) bool { return text.WithheldIn(w.Countries, v.country) }

// withheldIn returns the countries in which p or its author is withheld.
func (v view) withheldIn(p post) []string {
	return text.Countries(p.Withheld.Countries, v.users[p.AuthorID].Withheld.Countries)
}

func (v view) post(p post) *stream.Post {
	quote := v.quote(p)
	t := v.postWithout(p, quote)
	t.Quote = quote
	return t
}

// postWithout converts p, except for its quote. If quote has a post that is shown, the text
// doesn't contain its address.
func (v view) postWithout(p post, quote *stream.Quote) *stream.Post {
	media, mediaMissing := v.attachedMedia(p)
	poll, pollMissing := v.poll(p)
	reply := v.reply(p)
	t := &stream.Post{
		ID: keyOf(p.ID), Source: "x", URL: PostURL(v.users[p.AuthorID].Username, p.ID),
		CreatedAt: v.created(p), Lang: Language(p.Lang), Author: v.author(p.AuthorID),
		Sensitive: p.Sensitive, Media: media, Poll: poll, ReplyTo: reply, Unsupported: mediaMissing || pollMissing,
		WithheldIn: v.withheldIn(p),
	}
	if len(p.earlier()) > 0 {
		t.EditedAt = t.CreatedAt
		t.CreatedAt = stream.Earliest(t.CreatedAt, IDTime(p.Versions[0]))
	}
	shown := shownBeside{media: len(media) > 0 && !mediaMissing, reply: reply != nil && reply.Handle != ""}
	if quote != nil && quote.Post != nil {
		shown.quote = p.refersTo("quoted")
	}
	t.Text = p.segments(shown)
	if len(media) == 0 && quote == nil {
		t.Preview = p.linkPreview()
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
	_, hidden := v.removal(inner)
	switch {
	case known && !hidden:
		q.Post = v.postWithout(inner, nil)
		q.URL = q.Post.URL
	case !known && !v.gone[id]:
		q.URL = PostURL("", id)
	}
	return q
}

// reply returns the post and the author that p replies to; nil if p is no reply. Handle is
// empty if the message doesn't name the author.
func (v view) reply(p post) *stream.Reply {
	handle := v.users[p.ReplyTo].Username
	for _, m := range p.Entities.Mentions {
		if handle == "" && m.ID == p.ReplyTo {
			handle = m.Username
		}
	}
	id := p.refersTo("replied_to")
	if id == "" {
		return nil
	}
	reply := &stream.Reply{Handle: handle, URL: PostURL(handle, id)}
	if isID(p.ReplyTo) {
		reply.Key = keyOf(p.ReplyTo)
	}
	return reply
}

// author returns the author with that id. If the message includes no data about them, only the
// key and the address are set.
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

// created is when p was written, but never later than the message arrived.
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

// earlier returns the keys of the earlier versions of p, because each edit has an id of its
// own.
func (p post) earlier() []string {
	var out []string
	for _, id := range p.Versions[:max(slices.Index(p.Versions, p.ID), 0)] {
		out = append(out, keyOf(id))
	}
	return out
}
