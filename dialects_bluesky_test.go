package main

import (
	"strings"

	"nagare/stream"
)

// blueskyDialect is a Jetstream. Its messages name people by their DIDs only, quoted posts by their
// addresses, and have no reposts.
type blueskyDialect struct{}

func (blueskyDialect) can() abilities {
	return abilities{kinds: []stream.Kind{stream.Update, stream.AuthorGone, stream.AuthorBack}}
}

// did returns the DID of a person by their key.
func (blueskyDialect) did(key string) string { return "did:plc:" + strings.TrimPrefix(key, "key:") }

// key returns the record key of a post.
func (blueskyDialect) key(id string) string { return "3k" + strings.TrimPrefix(id, "mastodon:") }

func (d blueskyDialect) messages(op stream.Op) []any {
	message := func(author, kind string, body object) []any {
		return []any{object{"did": author, "time_us": op.At.UnixMicro(), "kind": kind, kind: body}}
	}
	switch op.Kind {
	case stream.AuthorGone, stream.AuthorBack:
		return message(d.did(op.Author.Key), "account", object{"active": op.Kind == stream.AuthorBack, "status": "deleted"})
	case stream.Destroy:
		return message(d.did(op.Author.Key), "commit", object{"operation": "delete", "collection": "app.bsky.feed.post", "rkey": d.key(op.ID)})
	}
	return message(d.did(op.Post.Author.Key), "commit", object{
		"operation": string(op.Kind), "collection": "app.bsky.feed.post", "rkey": d.key(op.ID), "record": d.record(op.Post),
	})
}

func (d blueskyDialect) record(p *stream.Post) object {
	text, at := stream.PlainText(p.Text), len(p.Text[0].Text)
	link := object{"$type": "app.bsky.richtext.facet#link", "uri": p.Text[1].Href}
	record := object{
		"$type": "app.bsky.feed.post", "text": text, "createdAt": p.CreatedAt,
		"facets": []any{object{"index": object{"byteStart": at, "byteEnd": len(text)}, "features": []any{link}}},
	}
	if r := p.ReplyTo; r != nil {
		record["reply"] = object{"parent": object{"uri": "at://" + d.did(r.Key) + "/app.bsky.feed.post/3k"}}
	}
	blob := object{"$type": "blob", "ref": object{"$link": "bafkreia"}}
	for _, m := range p.Media {
		record["embed"] = object{"$type": "app.bsky.embed.images", "images": []any{object{"alt": m.Alt, "image": blob}}}
	}
	if c := p.Preview; c != nil {
		record["embed"] = object{"$type": "app.bsky.embed.external", "external": object{"uri": c.URL, "title": c.Title, "description": c.Description, "thumb": blob}}
	}
	if q := p.Quoted(); q != nil {
		quote := object{"uri": "at://" + d.did(q.Author.Key) + "/app.bsky.feed.post/" + d.key(q.ID)}
		record["embed"] = object{"$type": "app.bsky.embed.record", "record": quote}
	}
	return record
}

// recordingDialect is a recording of this program.
type recordingDialect struct{}

func (recordingDialect) can() abilities              { return everything }
func (recordingDialect) messages(op stream.Op) []any { return []any{op} }
