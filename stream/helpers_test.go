package stream

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

var quiet = slog.New(slog.DiscardHandler)

// sourceFunc is a source made of one function.
type sourceFunc func(ctx context.Context, emit func(Op) error) error

func (f sourceFunc) Stream(ctx context.Context, emit func(Op) error) error { return f(ctx, emit) }

func ignore(Op) error { return nil }

// heard is an op and the time when it was emitted.
type heard struct {
	Op
	when time.Time
}

var recorded = time.Date(2026, 10, 3, 9, 0, 0, 0, time.UTC)

func postOf(id, text string) *Post {

	return &Post{ID: id, Author: person("author-of-" + id), Text: []Segment{{Text: text}}, CreatedAt: recorded}
}

func created(id string) Op {
	return Op{Kind: Create, At: recorded, ID: id, Post: postOf(id, "text")}
}

func edited(id, text string) Op {
	return Op{Kind: Update, At: recorded, ID: id, Post: postOf(id, text)}
}

func destroyed(id string) Op { return Op{Kind: Destroy, At: recorded, ID: id} }

func person(name string) Author { return Author{Key: "key:" + name, Handle: name, Name: name} }

func about(kind Kind, author Author) Op { return Op{Kind: kind, At: recorded, Author: &author} }

var errEnough = errors.New("enough")
