package mastodon

import (
	"cmp"
	"strings"
	"time"

	"nagare/stream"
	"nagare/stream/internal/html"
	"nagare/stream/internal/text"
)

// mastoView is how a server's posts are seen.
type view struct {
	domain   string // of the server: that of the authors who are written without one
	unlisted bool   // also what its author doesn't want in public timelines
	now      time.Time
}

// shows reports whether a post is for everybody.
func (v view) isPublic(s *status) bool {
	return s.Visibility == "public" || s.Visibility == "unlisted" && v.unlisted
}

// op says what a post, new or edited, is for the timeline; ok is false if nothing.
func (v view) op(kind stream.Kind, s *status) (op stream.Op, ok bool) {
	if !v.isPublic(s) || s.Reblog != nil && !v.isPublic(s.Reblog) {
		return stream.Op{}, false
	}
	inner := cmp.Or(s.Reblog, s)
	tweet := v.tweet(inner)
	if tweet.Quote = v.quoted(inner); tweet.Quote != nil && tweet.Preview != nil && tweet.Preview.URL == tweet.Quote.URL {
		tweet.Preview = nil // it would show the same again
	}
	op = stream.Op{Kind: kind, At: v.now, ID: tweet.ID, Post: tweet}
	if s.Reblog != nil && kind == stream.Create {
		by := v.author(s.Account)
		op.ID, tweet.RepostedBy = v.key(s), &by
	}
	return op, true
}

// noMore is the post, if s tells of one that was for everybody and is so no longer. It
// is dead then, whatever comes.
func (v view) withdrawn(known *statusIndex, s *status) (key string, was bool) {
	for _, part := range []*status{s, s.Reblog} {
		if part != nil && !v.isPublic(part) && known.has(part.ID) {
			return known.delete(part.ID, stream.Unavailable)
		}
	}
	return "", false
}

// key is the id of a post, the same on all servers.
func (v view) key(s *status) string {
	return "mastodon:" + cmp.Or(s.URI, s.URL, v.domain+"/statuses/"+string(s.ID))
}

// tweet is the post without the one that it quotes.
func (v view) tweet(s *status) *stream.Post {
	emoji := emojiImages(s.Emojis)
	t := &stream.Post{
		ID:        v.key(s),
		Source:    "mastodon",
		URL:       cmp.Or(text.WebAddress(s.URL), text.WebAddress(s.URI)),
		CreatedAt: v.written(s.CreatedAt),
		EditedAt:  parseTime(s.EditedAt),
		Lang:      s.Language,
		Author:    v.author(s.Account),
		Text:      v.text(s, emoji),
		Warning:   strings.TrimSpace(s.Warning),
		Sensitive: s.Sensitive,
		Poll:      s.Poll.poll(),
		Preview:   s.Card.card(),
		ReplyTo:   v.reply(s),
	}
	t.Media, t.Unsupported = mediaOf(s.Media)
	named := []string{t.Warning}
	if t.Poll != nil {
		for _, o := range t.Poll.Options {
			named = append(named, o.Title)
		}
		for code, src := range emojiImages(s.Poll.Emojis) {
			emoji[code] = src
		}
	}
	t.Emoji = html.NamedEmoji(emoji, named...)
	return t
}

// text cuts the HTML. A mention says only "@name": whom it means is told apart.
func (v view) text(s *status, emoji map[string]string) []stream.Segment {
	return html.Cut(s.Content, html.Rules{
		Emoji:   emoji,
		Unquote: v.shown(s.quote) != nil,
		Mention: func(href string) string {
			for _, m := range s.Mentions {
				if m.Acct != "" && m.URL == href {
					return "@" + v.handle(m.Acct)
				}
			}
			return ""
		},
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
	}
}

// handle is the whole of an author's name: a server doesn't say its own.
func (v view) handle(acct string) string {
	if acct = strings.TrimPrefix(acct, "@"); strings.Contains(acct, "@") {
		return acct
	}
	return acct + "@" + v.domain
}

// reply names whom a post answers, if he is mentioned in it or has written it himself.
func (v view) reply(s *status) *stream.Reply {
	if s.Answers == "" {
		return nil
	}
	for _, m := range s.Mentions {
		if m.ID == s.Answers && m.Acct != "" {
			return &stream.Reply{Handle: v.handle(m.Acct), URL: text.WebAddress(m.URL)}
		}
	}
	if s.Answers == s.Account.ID {
		self := v.author(s.Account)
		return &stream.Reply{Handle: self.Handle, URL: self.URL}
	}
	return nil
}

// written is when a post was written, as far as its server can be believed.
func (v view) written(at string) time.Time {
	if t := parseTime(at); !t.IsZero() && t.Before(v.now) {
		return t
	}
	return v.now
}

func parseTime(at string) time.Time {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return time.Time{}
	}
	return t
}

// emojiImages are the addresses of images by their codes. Those that don't move are
// taken: not everybody can bear the others.
func emojiImages(list []customEmoji) map[string]string {
	images := make(map[string]string, len(list))
	for _, e := range list {
		if src := cmp.Or(text.WebAddress(e.Still), text.WebAddress(e.URL)); src != "" {
			images[e.Code] = src
		}
	}
	return images
}
