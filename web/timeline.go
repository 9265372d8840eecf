package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

// Timeline is the glue between the stream and the hub, and the only place where
// the two meet: an Op comes in, an event of the channel goes out. Its methods may
// be called from several goroutines at once.
type Timeline struct {
	Record func(stream.Op) // is handed what happens to posts, before it is shown; set before use, or nil

	name    string
	channel *hub.Channel
	log     *slog.Logger
	posts   atomic.Uint64
	sources sources
	seen    networks
	posted  *posted
}

// NewTimeline makes the timeline of the channel with that name.
func NewTimeline(h *hub.Hub, name string, log *slog.Logger) *Timeline {
	return &Timeline{name: name, channel: h.Channel(name), log: log, posted: newPosted(postedIDs)}
}

// Shows reports whether a post of POST /streaming was published and not destroyed. A
// reconciler that has forgotten such a post is to ask.
func (t *Timeline) Shows(id string) bool {
	at, known := t.posted.get(id)
	return known && !at.gone()
}

// Posts returns how many posts have been created since the start.
func (t *Timeline) Posts() uint64 { return t.posts.Load() }

// Kept returns how many posts the log still holds.
func (t *Timeline) Kept() int {
	events, _ := t.channel.Recent(everything)
	return len(fold(events))
}

// Emit publishes what happened to a post; it is what a source's ops are handed to.
// It objects only when ctx has ended: a post that can't be shown is left out, for
// the next one may be fine.
func (t *Timeline) Emit(ctx context.Context, op stream.Op) error {
	_, err := t.publish(ctx, op)
	if err != nil && ctx.Err() == nil {
		t.log.Warn("post left out", "id", short(op.ID), "err", err)
		return nil
	}
	return err
}

func (t *Timeline) publish(ctx context.Context, op stream.Op) (hub.Position, error) {
	switch {
	case op.Notice != nil:
		return hub.Position{}, t.tell(ctx, op)
	case op.Kind == stream.Destroy:
		t.record(op)
		at, err := t.destroy(ctx, op)
		if err == nil {
			t.posted.destroyed(op.ID, at)
		}
		return at, err
	case op.Kind != stream.Create && op.Kind != stream.Update:
		return hub.Position{}, fmt.Errorf("web: unknown kind %q", short(string(op.Kind)))
	case op.Post == nil || op.ID == "" || op.ID != op.Post.ID || len(op.ID) > longestLine:
		return hub.Position{}, fmt.Errorf("web: %s without a post of that id", op.Kind)
	}
	t.record(op)
	place, err := t.show(ctx, op.Kind, op.Post)
	if err == nil && op.Kind == stream.Create {
		t.posts.Add(1)
		if op.Post.Source == postSource {
			t.posted.created(op.ID, place)
		}
	}
	return place, err
}

func (t *Timeline) record(op stream.Op) {
	if t.Record != nil {
		t.Record(op)
	}
}

// destroy publishes that a post is gone, and why. The hub erases what its log holds of the
// post, so that nothing of it is sent again.
func (t *Timeline) destroy(ctx context.Context, op stream.Op) (hub.Position, error) {
	data, err := json.Marshal(map[string]string{"id": op.ID, "reason": string(cmp.Or(op.Reason, stream.Unavailable))})
	if err != nil {
		return hub.Position{}, err
	}
	return t.channel.Publish(ctx, hub.Event{Name: string(stream.Destroy), Key: op.ID, Data: data, Erase: true})
}

// show publishes a post whole or, if that is too large for an event, cut.
func (t *Timeline) show(ctx context.Context, kind stream.Kind, tweet *stream.Post) (hub.Position, error) {
	post := toPost(tweet)
	t.seen.add(networkOf(post.Source))
	place, err := t.send(ctx, kind, post, false, tweet.Late)
	for budget := firstBudget; errors.Is(err, hub.ErrTooLarge) && budget >= leastBudget; budget /= 2 {
		short := toPost(cut(tweet, budget))
		short.Pictures = len(post.Media)
		place, err = t.send(ctx, kind, short, true, tweet.Late)
	}
	return place, err
}

// usualCard is room enough for the html of most posts, in bytes.
const usualCard = 3 << 10

// send renders the card, for the only time, and publishes it.
func (t *Timeline) send(ctx context.Context, kind stream.Kind, post templates.Post, truncated, late bool) (hub.Position, error) {
	post.Created = dated(post.Created)
	var html strings.Builder
	html.Grow(usualCard)
	if err := templates.Card(post).Render(ctx, &html); err != nil {
		return hub.Position{}, fmt.Errorf("web: card of %s: %w", post.ID, err)
	}
	told := newPayload(post, html.String(), truncated)
	told.Late = late
	data, err := json.Marshal(told)
	if err != nil {
		return hub.Position{}, err
	}
	return t.channel.Publish(ctx, hub.Event{Name: string(kind), Key: post.ID, Data: data})
}

// payload is the data of a create or an update. The first four are those of 2013,
// and text is plain text, never HTML: clients of that time put it into a page.
type payload struct {
	ID         string    `json:"id"`
	Text       string    `json:"text"`
	ScreenName string    `json:"screen_name"`
	IconURL    string    `json:"icon_url"`
	Name       string    `json:"name"`
	URL        string    `json:"url,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	Lang       string    `json:"lang,omitempty"`
	Media      []picture `json:"media,omitempty"`
	Truncated  bool      `json:"truncated,omitempty"` // the text was too long for an event
	Late       bool      `json:"late,omitempty"`      // when it was created it belonged to what was missed, and was no news
	HTML       string    `json:"html"`
}

type picture struct {
	Kind    string `json:"kind"`
	Preview string `json:"preview"`
	URL     string `json:"url,omitempty"`
	Alt     string `json:"alt,omitempty"`
}

func newPayload(p templates.Post, html string, truncated bool) payload {
	data := payload{
		ID: p.ID, Text: plainText(p.Text), ScreenName: p.Author.Handle, IconURL: p.Author.Avatar,
		Name: p.Author.Name, URL: p.URL, CreatedAt: p.Created.UTC(), Lang: p.Lang,
		Truncated: truncated, HTML: html,
	}
	for _, m := range p.Media {
		data.Media = append(data.Media, picture{m.Kind, m.Preview, m.URL, m.Alt})
	}
	return data
}
