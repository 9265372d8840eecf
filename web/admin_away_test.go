package web_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"nagare/store"
	"nagare/stream/moderation"
	"nagare/stream/networks"
	"nagare/web"
)

// unread is a store that finds no post by its name because it is away.
type unread struct{ *store.Memory }

func (unread) Find(context.Context, string, ...string) ([]store.Record, error) {
	return nil, errors.New("away")
}

func TestAdmin_WhileTheStoreIsAwayThePinnedPostsAreNotSaidToBeGone(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After, func(c *web.Config) {
		c.Timeline = web.NewTimeline(c.Hub, "streaming", unread{new(store.Memory)}, networks.All, slog.New(slog.DiscardHandler))
	})
	m := logIn(t, s, "Aiko")
	if _, err := d.Act(t.Context(), moderation.Action{Do: moderation.Pin, ID: "bluesky:1", By: "Aiko"}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/admin", "/admin/screens"} {
		if status := m.get(path).StatusCode; status != http.StatusServiceUnavailable {
			t.Errorf("%s: status %d, want 503", path, status)
		}
	}
}
