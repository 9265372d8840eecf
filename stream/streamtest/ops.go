package streamtest

import (
	"fmt"
	"strings"
	"time"

	"nagare/stream"
)

var Recorded = time.Date(2026, 10, 3, 9, 0, 0, 0, time.UTC)

func Person(name string) stream.Author {
	return stream.Author{Key: "key:" + name, Handle: name, Name: name}
}

func PostOf(id, text string) *stream.Post {
	return &stream.Post{ID: id, Author: Person("author-of-" + id), Text: []stream.Segment{{Text: text}}, CreatedAt: Recorded}
}

func Created(id string) stream.Op {
	return stream.Op{Kind: stream.Create, At: Recorded, ID: id, Post: PostOf(id, "text")}
}

func Edited(id, text string) stream.Op {
	return stream.Op{Kind: stream.Update, At: Recorded, ID: id, Post: PostOf(id, text)}
}

// Version is an edit of the post whose earlier versions have the ids earlier, at a network
// where each edit has its own id.
func Version(id string, earlier ...string) stream.Op {
	return stream.Op{Kind: stream.Update, At: Recorded, ID: id, Post: PostOf(id, "version "+id), Earlier: earlier}
}

func Reposted(id, inner, name string) stream.Op {
	op, by := Created(inner), Person(name)
	op.ID, op.Post.RepostedBy = id, &by
	return op
}

// RecordedWith is a post as the recorder writes it: with its newest reposter and the number of
// reposters.
func RecordedWith(id, name string, reposts int) stream.Op {
	op, by := Created(id), Person(name)
	op.Post.RepostedBy, op.Post.Reposts = &by, reposts
	return op
}

func Quoting(id, quoted string) stream.Op {
	op := Created(id)
	op.Post.Quote = &stream.Quote{ID: quoted, Post: PostOf(quoted, quoted+"'s words")}
	return op
}

func Destroyed(id string) stream.Op { return stream.Op{Kind: stream.Destroy, At: Recorded, ID: id} }

func About(kind stream.Kind, author stream.Author) stream.Op {
	return stream.Op{Kind: kind, At: Recorded, Author: &author}
}

// Flat returns segments in one line. A link is written as kind[text](address), a line break as
// ¶.
func Flat(segs []stream.Segment) string {
	var b strings.Builder
	for _, s := range segs {
		switch s.Kind {
		case stream.Text:
			b.WriteString(s.Text)
		case stream.Break:
			b.WriteString("¶")
		case stream.Emoji:
			b.WriteString("<" + s.Text + ">")
		default:
			b.WriteString(string(s.Kind) + "[" + s.Text + "](" + s.Href + ")")
		}
	}
	return b.String()
}

// Line returns a recorded create of the post "replay:<n>". It was recorded at the time
// Recorded plus after, two seconds after the post was written.
func Line(n int, after time.Duration) string {
	at := Recorded.Add(after)
	return fmt.Sprintf(`{"op":"create","at":%q,"id":"replay:%d","tweet":{"id":"replay:%[2]d","source":"replay","created_at":%[3]q,"author":{"handle":"emma"},"text":[{"text":"hello"}]}}`+"\n",
		at.Format(time.RFC3339Nano), n, at.Add(-2*time.Second).Format(time.RFC3339Nano))
}
