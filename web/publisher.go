package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

// sourceEvent is the name of the event that holds the state of a source.
const sourceEvent = "source"

// publisher turns posts and states of sources into events of one channel. It renders each version
// of a post once, because pages reuse the HTML in the events.
type publisher struct {
	channel  *hub.Channel
	networks networkList
	waits    bool   // until each event is stored
	process  string // named in the events of cards; empty: they name none
}

// post publishes a post. If it is too large for an event, post shortens it until it fits.
func (p publisher) post(ctx context.Context, op stream.Op) error {
	post, index := op.Post, indexOf(op)
	whole := toPost(post, p.networks)
	err := p.card(ctx, op, whole, index, false)
	for budget := firstBudget; errors.Is(err, hub.ErrTooLarge) && budget >= leastBudget; budget /= 2 {
		shortened := toPost(cut(post, budget), p.networks)
		shortened.Pictures = len(whole.Media)
		err = p.card(ctx, op, shortened, index, true)
	}
	return err
}

// HeldTerm is the term by which the store finds the cards that are held for that reason.
func HeldTerm(h stream.Held) string { return "held:" + string(h) }

// cardSize is the capacity reserved for the HTML of a card, in bytes. Most cards fit.
const cardSize = 3 << 10

// card renders a post and publishes it.
func (p publisher) card(ctx context.Context, op stream.Op, post templates.Post, index *hub.Index, truncated bool) error {
	if post.Created.IsZero() {
		post.Created = time.Now()
	}
	var html strings.Builder
	html.Grow(cardSize)
	if err := templates.Card(post).Render(ctx, &html); err != nil {
		return fmt.Errorf("web: card of %s: %w", post.ID, err)
	}
	data := newPayload(post, html.String(), truncated)
	data.Late, data.Approved = op.Post.Late, op.Held == "" && op.Decision.By != ""
	if op.Held != "" {
		data.Held, data.Decision, data.Author, data.Process = op.Held, &op.Decision, op.Post.Author.KeyAt(op.Post.Source), p.process
		index.Terms = append(index.Terms, HeldTerm(op.Held))
		slices.Sort(index.Terms)
	}
	return p.publish(ctx, hub.Event{
		Name: string(op.Kind), Key: post.ID, Once: op.Kind == stream.Create, Amends: op.Kind == stream.Update, Index: index,
	}, data)
}

// destroy publishes that a post was deleted, and the reason. The hub then erases the post's
// earlier events from the log, so that no reader receives them.
func (p publisher) destroy(ctx context.Context, op stream.Op) error {
	data := map[string]string{"id": op.ID, "reason": string(cmp.Or(op.Reason, stream.Unavailable))}
	if p.process != "" {
		data["process"] = p.process
	}
	return p.publish(ctx, hub.Event{Name: string(stream.Destroy), Key: op.ID, Erase: true, Index: &hub.Index{Names: op.Names}}, data)
}

// source publishes the state of a source.
func (p publisher) source(ctx context.Context, s SourceState) error {
	html, err := s.html(ctx, p.networks)
	if err != nil {
		return err
	}
	data := map[string]any{"source": s.key, "state": s.State, "reason": s.Fault, "lost": s.Lost, "html": html}
	return p.publish(ctx, hub.Event{Name: sourceEvent}, data)
}

func (p publisher) publish(ctx context.Context, ev hub.Event, data any) error {
	if err := ev.Encode(data); err != nil {
		return err
	}
	if !p.waits {
		return p.channel.Enqueue(ctx, ev)
	}
	_, err := p.channel.Publish(ctx, ev)
	return err
}
