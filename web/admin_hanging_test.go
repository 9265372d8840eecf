package web_test

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"nagare/stream/moderation"
	"nagare/web"
)

// hanging is a moderation in which an action on one post doesn't end until it is released.
type hanging struct {
	web.Moderation
	id               string
	reached, release chan struct{}
}

func (h hanging) Act(ctx context.Context, a moderation.Action) (moderation.Entry, error) {
	if a.ID == h.id {
		h.reached <- struct{}{}
		<-h.release
	}
	return h.Moderation.Act(ctx, a)
}

func TestAdmin_AnActionThatHangsHoldsUpNoOther(t *testing.T) {
	hangs := hanging{id: "bluesky:1", reached: make(chan struct{}), release: make(chan struct{})}
	s, d := newModeratedSite(t, moderation.After, func(c *web.Config) {
		hangs.Moderation = c.Moderation
		c.Moderation = hangs
	})
	d.post(byAuthor(1, "mio", "apple words"), byAuthor(2, "kei", "pear words"))
	m := logIn(t, s, "Aiko")
	slow := url.Values{"id": {"bluesky:1"}, "once": {"page-1"}}
	var sent sync.WaitGroup
	defer sent.Wait()
	release := sync.OnceFunc(func() { close(hangs.release) })
	defer release()
	first, second := *m, *m
	sent.Go(func() {
		if status := first.send("hide", slow, nil).StatusCode; status != http.StatusSeeOther {
			t.Errorf("the action that hangs: status %d", status)
		}
	})
	<-hangs.reached
	m.http.Timeout = 5 * time.Second
	if status := m.send("hide", url.Values{"id": {"bluesky:2"}, "once": {"page-2"}}, nil).StatusCode; status != http.StatusSeeOther {
		t.Errorf("another action: status %d", status)
	}
	release()
	if status := second.send("hide", slow, nil).StatusCode; status != http.StatusSeeOther {
		t.Errorf("the action that hangs, sent again: status %d", status)
	}
	sent.Wait()
	if n := d.audited(); n != 2 {
		t.Errorf("%d entries in the audit, want 2", n)
	}
}
