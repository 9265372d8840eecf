package mastodon

import (
	"cmp"
	"strings"
	"time"

	"nagare/stream"
	"nagare/stream/internal/html"
	"nagare/stream/internal/text"
)

// view converts the posts of a server.
type view struct {
	domain   string    // of the server, which omits it from the handles of its own users
	unlisted bool      // see Source.Unlisted
	now      time.Time // the time of arrival: no post is dated later
}

// op converts a new or edited post; ok is false if the post is not public.
func (v view) op(kind stream.Kind, s *status) (op stream.Op, ok bool) {
	if !v.isPublic(s) || s.Reblog != nil && !v.isPublic(s.Reblog) {
		return stream.Op{}, false
	}
	inner := cmp.Or(s.Reblog, s)
	post := v.post(inner)
	if post.Quote = v.quoted(inner); post.Quote != nil && post.Preview != nil && post.Preview.URL == post.Quote.URL {
		post.Preview = nil // the preview is of the quoted post, which is shown already
	}
	op = stream.Op{Kind: kind, At: v.now, ID: post.ID, Post: post}
	if s.Reblog != nil && kind == stream.Create {
		by := v.author(s.Account)
		op.ID, post.RepostedBy = v.key(s), &by
	}
	return op, true
}

// key is the id of a post, which is the same at all servers.
func (v view) key(s *status) string {
	return "mastodon:" + cmp.Or(s.URI, s.URL, v.domain+"/statuses/"+string(s.ID))
}

// post converts a post without its quote.
func (v view) post(s *status) *stream.Post {
	emoji := emojiImages(s.Emojis)
	p := &stream.Post{
		ID:        v.key(s),
		Source:    "mastodon",
		URL:       cmp.Or(text.WebAddress(s.URL), text.WebAddress(s.URI)),
		CreatedAt: v.createdAt(s),
		EditedAt:  parseTime(s.EditedAt),
		Lang:      s.Language,
		Author:    v.author(s.Account),
		Text:      v.text(s, emoji),
		Warning:   strings.TrimSpace(s.Warning),
		Sensitive: s.Sensitive,
		Poll:      s.Poll.convert(),
		Preview:   s.Card.convert(),
		ReplyTo:   v.reply(s),
	}
	p.Tags = tagsBeside(p.Text, s.Tags)
	if p.Media, p.Unsupported = mediaOf(s.Media); len(p.Media) > 0 {
		p.Preview = nil // Mastodon's web client, too, shows no preview beside media
	}
	named := []string{p.Warning}
	if p.Poll != nil {
		for _, o := range p.Poll.Options {
			named = append(named, o.Title)
		}
		for code, src := range emojiImages(s.Poll.Emojis) {
			emoji[code] = src
		}
	}
	p.Emoji = html.NamedEmoji(emoji, named...)
	return p
}

// text divides the HTML into segments. In the HTML a mention is only "@name"; its domain is
// taken from the list of mentions.
func (v view) text(s *status, emoji map[string]string) []stream.Segment {
	mentions := make(map[string]string, len(s.Mentions))
	for _, m := range s.Mentions {
		if m.Acct != "" {
			mentions[m.URL] = "@" + v.handle(m.Acct)
		}
	}
	return html.Cut(s.Content, html.Rules{
		Emoji:   emoji,
		Unquote: s.quote != nil,
		Hashtag: tagMatcher(s.Tags),
		Mention: func(href string) string { return mentions[href] },
	})
}

func (v view) author(a account) stream.Author {
	acct := cmp.Or(a.Acct, a.Username)
	name := strings.TrimSpace(a.Name)
	return stream.Author{
		Key:    "mastodon:" + cmp.Or(a.URI, a.URL, v.handle(acct)),
		Handle: v.handle(acct),
		Name:   cmp.Or(name, a.Username, acct),
		Avatar: cmp.Or(text.WebAddress(a.Still), text.WebAddress(a.Avatar)),
		URL:    cmp.Or(text.WebAddress(a.URL), text.WebAddress(a.URI)),
		Emoji:  html.NamedEmoji(emojiImages(a.Emojis), name),

		NoIndex: a.NoIndex,
		Bot:     a.Bot,
	}
}

// handle is acct with a domain: the server omits its own domain.
func (v view) handle(acct string) string {
	if acct = strings.TrimPrefix(acct, "@"); strings.Contains(acct, "@") {
		return acct
	}
	return acct + "@" + v.domain
}

// reply is the author that a post replies to; nil if the post is no reply. The author is known
// only if the post mentions them, or if it is a reply to a post of its own author; otherwise the
// reply has no handle.
func (v view) reply(s *status) *stream.Reply {
	if s.ReplyTo == "" && s.ReplyToPost == "" {
		return nil
	}
	for _, m := range s.Mentions {
		if m.ID == s.ReplyTo && m.Acct != "" {
			return &stream.Reply{Handle: v.handle(m.Acct), URL: text.WebAddress(m.URL)}
		}
	}
	if s.ReplyTo == s.Account.ID {
		self := v.author(s.Account)
		return &stream.Reply{Key: self.Key, Handle: self.Handle, URL: self.URL}
	}
	return &stream.Reply{}
}

// createdAt is when a post was written. A server can send any time, so a missing time, or one
// in the future, is replaced by that of the arrival.
func (v view) createdAt(s *status) time.Time {
	if t := parseTime(s.CreatedAt); !t.IsZero() && t.Before(v.now) {
		return t
	}
	return v.now
}

// parseTime returns the zero time if the text is not a valid time.
func parseTime(at string) time.Time {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return time.Time{}
	}
	return t
}

// emojiImages maps the codes of emoji to the addresses of their images. It prefers images
// without animation, because motion makes some readers unwell.
func emojiImages(list []customEmoji) map[string]string {
	images := make(map[string]string, len(list))
	for _, e := range list {
		if src := cmp.Or(text.WebAddress(e.Still), text.WebAddress(e.URL)); src != "" {
			images[e.Code] = src
		}
	}
	return images
}
