package main

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"nagare/stream"
)

// A dialect writes ops as the messages with which a network reports them.
type dialect interface {
	can() abilities
	messages(op stream.Op) []any
}

// object is a JSON object.
type object = map[string]any

// audience is the country of the audience in these tests.
const audience = "FR"

// ids maps the ids of a history to numbers, as the networks give them to posts and people.
type ids map[string]string

func (i ids) of(id string) string {
	if i[id] == "" {
		i[id] = fmt.Sprint(1_000_000_000 + len(i))
	}
	return i[id]
}

// mastodonDialect is the stream of a Mastodon server. It has no messages about authors: if one
// leaves, the server sends a delete for each of their posts.
type mastodonDialect struct {
	ids
	posts map[string]*stream.Post // as last sent, by id
}

func (mastodonDialect) can() abilities {
	return abilities{kinds: []stream.Kind{stream.Update}, reposts: true, timeless: true}
}

func (d mastodonDialect) messages(op stream.Op) []any {
	event := func(name string, payload any) []any {
		text, isText := payload.(string)
		if !isText {
			raw, _ := json.Marshal(payload)
			text = string(raw)
		}
		return []any{object{"stream": []string{"public"}, "event": name, "payload": text}}
	}
	switch {
	case op.Kind == stream.Destroy && op.Reason == stream.ByNetwork && d.posts[op.ID] != nil: // the author restricts the post to followers
		status := d.status(d.posts[op.ID])
		status["visibility"] = "private"
		return event("status.update", status)
	case op.Kind == stream.Destroy:
		return event("delete", d.of(op.ID))
	}
	status := d.status(op.Post)
	switch {
	case op.Kind == stream.Update:
		return event("status.update", status)
	case op.ID != op.Post.ID:
		status = object{
			"id": d.of(op.ID), "uri": "https://town.example/statuses/" + d.of(op.ID) + "/activity", "created_at": op.At, "visibility": "public",
			"account": d.account(*op.Post.RepostedBy), "content": "", "reblog": status,
		}
	}
	return event("update", status)
}

func (d mastodonDialect) account(a stream.Author) object {
	return object{
		"id": d.of(a.Key), "uri": "https://town.example/ap/" + d.of(a.Key), "url": a.URL, "username": a.Handle, "acct": a.Handle + "@town.example",
		"display_name": a.Name, "avatar": a.Avatar, "avatar_static": a.Avatar, "emojis": []any{},
	}
}

func (d mastodonDialect) status(p *stream.Post) object {
	d.posts[p.ID] = p
	var content strings.Builder
	for _, s := range p.Text {
		if s.Kind == stream.Link {
			fmt.Fprintf(&content, `<a href="%s" rel="nofollow">%s</a>`, html.EscapeString(s.Href), html.EscapeString(s.Text))
		} else {
			content.WriteString(html.EscapeString(s.Text))
		}
	}
	s := object{
		"id": d.of(p.ID), "uri": "https://town.example/statuses/" + d.of(p.ID), "url": p.URL, "created_at": p.CreatedAt, "edited_at": nil,
		"visibility": "public", "content": "<p>" + content.String() + "</p>", "spoiler_text": p.Warning, "account": d.account(p.Author),
	}
	if !p.EditedAt.IsZero() {
		s["edited_at"] = p.EditedAt
	}
	if r := p.ReplyTo; r != nil {
		s["in_reply_to_id"], s["in_reply_to_account_id"] = "1", d.of(r.Key)
		s["mentions"] = []any{object{"id": d.of(r.Key), "acct": r.Handle + "@town.example", "url": r.URL}}
	}
	for _, e := range p.Emoji {
		s["emojis"] = []any{object{"shortcode": e.Code, "url": e.Src, "static_url": e.Src}}
	}
	for _, m := range p.Media {
		s["media_attachments"] = []any{object{"type": "image", "url": m.URL, "preview_url": m.Preview, "description": m.Alt}}
	}
	if c := p.Preview; c != nil {
		s["card"] = object{"url": c.URL, "title": c.Title, "description": c.Description, "image": c.Image}
	}
	if p.Poll != nil {
		var options []any
		for _, o := range p.Poll.Options {
			options = append(options, object{"title": o.Title, "votes_count": 1})
		}
		s["poll"] = object{"expires_at": nil, "options": options}
	}
	if q := p.Quoted(); q != nil {
		s["quote"] = object{"state": "accepted", "quoted_status": d.status(q)}
	}
	return s
}

// twitterDialect is the stream of Twitter's API v1.1. Posts have no edits there.
type twitterDialect struct{ ids }

func (twitterDialect) can() abilities {
	return abilities{kinds: []stream.Kind{stream.Withheld, stream.AuthorGone}, reposts: true}
}

func (d twitterDialect) messages(op stream.Op) []any {
	ms := fmt.Sprint(op.At.UnixMilli())
	withheld := func(id, where string) object {
		return object{"id_str": d.of(id), "withheld_in_countries": []string{where}, "timestamp_ms": ms}
	}
	switch {
	case op.Kind == stream.Destroy && op.Reason == stream.ByNetwork:
		return []any{object{"status_withheld": withheld(op.ID, audience)}}
	case op.Kind == stream.Destroy:
		return []any{object{"delete": object{"status": object{"id_str": d.of(op.ID), "user_id_str": "1"}, "timestamp_ms": ms}}}
	case op.Kind == stream.Withheld:
		return []any{object{"status_withheld": withheld(op.ID, op.Where[0])}}
	case op.Kind == stream.AuthorGone:
		return []any{object{"user_withheld": withheld(op.Author.Key, audience)}}
	case op.ID != op.Post.ID:
		outer := object{"created_at": op.At.Format(time.RubyDate), "id_str": d.of(op.ID), "text": "RT @" + op.Post.Author.Handle + ": " + stream.PlainText(op.Post.Text), "user": d.user(*op.Post.RepostedBy)}
		outer["retweeted_status"], outer["timestamp_ms"] = d.status(op.Post), ms
		return []any{outer}
	}
	status := d.status(op.Post)
	status["timestamp_ms"] = ms
	return []any{status}
}

func (d twitterDialect) user(a stream.Author) object {
	return object{"id_str": d.of(a.Key), "screen_name": a.Handle, "name": a.Name, "profile_image_url_https": a.Avatar}
}

// shortened is the text of a post with the address of its link as t.co writes it, and the byte at
// which that address begins.
func shortened(p *stream.Post) (text string, at int) {
	return p.Text[0].Text + "https://t.co/1", len(p.Text[0].Text)
}

func (d twitterDialect) status(p *stream.Post) object {
	text, at := shortened(p)
	indices := []int{at, len(text)}
	entities := object{"urls": []any{object{"url": "https://t.co/1", "display_url": p.Text[1].Text, "expanded_url": p.Text[1].Href, "indices": indices}}}
	s := object{"created_at": p.CreatedAt.Format(time.RubyDate), "id_str": d.of(p.ID), "text": text, "user": d.user(p.Author), "entities": entities}
	if r := p.ReplyTo; r != nil {
		s["in_reply_to_status_id_str"], s["in_reply_to_user_id_str"], s["in_reply_to_screen_name"] = "7", d.of(r.Key), r.Handle
	}
	for _, m := range p.Media {
		s["extended_entities"] = object{"media": []any{object{"type": "photo", "media_url_https": m.Preview, "ext_alt_text": m.Alt, "indices": indices}}}
	}
	if p.Poll != nil {
		entities["polls"] = []any{object{"options": []any{object{"text": p.Poll.Options[0].Title}, object{"text": p.Poll.Options[1].Title}}}}
	}
	if q := p.Quoted(); q != nil {
		s["quoted_status"], s["quoted_status_id_str"] = d.status(q), d.of(q.ID)
	}
	return s
}

// xDialect is the filtered stream of X. Each version of a post has an id of its own there.
type xDialect struct {
	ids
	versions map[string][]time.Time // the times of the edits of a post, by its id
}

func (xDialect) can() abilities {
	return abilities{kinds: []stream.Kind{stream.Update, stream.AuthorGone}, reposts: true, versions: true}
}

// version returns the id of a version of a post, and those of the versions up to it.
func (d xDialect) version(p *stream.Post) (id string, all []string) {
	known := d.versions[p.ID]
	if known == nil {
		known = []time.Time{{}}
	}
	if !slices.ContainsFunc(known, p.EditedAt.Equal) {
		known = append(known, p.EditedAt)
		d.versions[p.ID] = known
	}
	for i := range slices.IndexFunc(known, p.EditedAt.Equal) + 1 {
		all = append(all, d.of(fmt.Sprint(p.ID, " version ", i)))
	}
	return all[len(all)-1], all
}

// latest returns the id of the latest version of a post, or of a repost.
func (d xDialect) latest(id string) string {
	if strings.HasPrefix(id, "repost:") {
		return d.of(id)
	}
	return d.of(fmt.Sprint(id, " version ", max(len(d.versions[id]), 1)-1))
}

func (d xDialect) messages(op stream.Op) []any {
	includes := &xIncludes{}
	message := func(data object, errors ...any) []any {
		return []any{object{"data": data, "includes": includes, "errors": errors, "matching_rules": []any{object{"id": "1"}}}}
	}
	bare := object{"id": d.of("another post"), "author_id": "9", "text": "RT", "created_at": op.At}
	switch {
	case op.Kind == stream.Destroy: // a repost whose post is no longer available
		bare["referenced_tweets"] = []any{object{"type": "retweeted", "id": d.latest(op.ID)}}
		return message(bare, object{"resource_id": d.latest(op.ID), "type": "https://api.twitter.com/2/problems/resource-not-found"})
	case op.Kind == stream.AuthorGone:
		bare["author_id"], bare["withheld"] = d.of(op.Author.Key), object{"country_codes": []string{audience}, "scope": "user"}
		return message(bare)
	case op.ID != op.Post.ID:
		inner, _ := d.version(op.Post)
		includes.Tweets = append(includes.Tweets, d.post(op.Post, includes))
		bare["id"], bare["author_id"] = d.of(op.ID), d.user(*op.Post.RepostedBy, includes)
		bare["referenced_tweets"] = []any{object{"type": "retweeted", "id": inner}}
		return message(bare)
	}
	return message(d.post(op.Post, includes))
}

// xIncludes are the objects to which the post of a message refers.
type xIncludes struct {
	Users  []any `json:"users"`
	Tweets []any `json:"tweets"`
	Media  []any `json:"media"`
	Polls  []any `json:"polls"`
}

func (d xDialect) user(a stream.Author, in *xIncludes) (id string) {
	in.Users = append(in.Users, object{"id": d.of(a.Key), "username": a.Handle, "name": a.Name, "profile_image_url": a.Avatar})
	return d.of(a.Key)
}

func (d xDialect) post(p *stream.Post, in *xIncludes) object {
	id, versions := d.version(p)
	text, at := shortened(p)
	url := object{"url": "https://t.co/1", "display_url": p.Text[1].Text, "expanded_url": p.Text[1].Href, "start": at, "end": len(text)}
	written := p.CreatedAt
	if !p.EditedAt.IsZero() {
		written = p.EditedAt
	}
	attachments := object{}
	s := object{
		"id": id, "edit_history_tweet_ids": versions, "text": text, "author_id": d.user(p.Author, in), "created_at": written,
		"entities": object{"urls": []any{url}}, "attachments": attachments,
	}
	var references []any
	if r := p.ReplyTo; r != nil {
		s["in_reply_to_user_id"] = d.of(r.Key)
		s["entities"] = object{"urls": []any{url}, "mentions": []any{object{"id": d.of(r.Key), "username": r.Handle}}}
		references = append(references, object{"type": "replied_to", "id": "7"})
	}
	for _, m := range p.Media {
		attachments["media_keys"] = []string{"3_" + id}
		in.Media = append(in.Media, object{"media_key": "3_" + id, "type": "photo", "url": m.Preview, "alt_text": m.Alt})
	}
	if c := p.Preview; c != nil {
		url["title"], url["description"], url["images"] = c.Title, c.Description, []any{object{"url": c.Image}}
	}
	if p.Poll != nil {
		attachments["poll_ids"] = []string{id}
		in.Polls = append(in.Polls, object{"id": id, "options": []any{object{"position": 1, "label": p.Poll.Options[0].Title}, object{"position": 2, "label": p.Poll.Options[1].Title}}})
	}
	if q := p.Quoted(); q != nil {
		quoted, _ := d.version(q)
		references = append(references, object{"type": "quoted", "id": quoted})
		in.Tweets = append(in.Tweets, d.post(q, in))
	}
	s["referenced_tweets"] = references
	return s
}
