package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

// cutting is a store that stores so many appends and texts, and nothing after that, as if the process was
// killed.
type cutting struct {
	store.Store
	mu      sync.Mutex
	left    int           // guarded by mu
	reached chan struct{} // closed once there is more to be stored
	killed  chan struct{} // closed by the test then
}

var errKilled = errors.New("killed")

func newCutting(st store.Store, left int) *cutting {
	return &cutting{Store: st, left: left, reached: make(chan struct{}), killed: make(chan struct{})}
}

// take reports whether one more is stored.
func (c *cutting) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left == -1 {
		close(c.reached)
	}
	return c.left >= 0
}

func (c *cutting) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	if !c.take() {
		<-c.killed
		return nil, errKilled
	}
	return c.Store.Append(ctx, channel, events)
}

func (c *cutting) Put(ctx context.Context, name, text string) error {
	if !c.take() {
		return errKilled
	}
	return c.Store.Put(ctx, name, text)
}

func (c *cutting) Replace(ctx context.Context, name, before, text string) (bool, error) {
	if !c.take() {
		return false, errKilled
	}
	return c.Store.Replace(ctx, name, before, text)
}

// change is something that moves a post between the public and the desk.
type change struct {
	mode    moderation.Mode
	begin   func(m *moderatedSite, id string) // what was before
	do      func(ctx context.Context, m *moderatedSite, id string) error
	edited  bool // the post has new words afterwards
	from    string
	to      string
	waiting bool // at the desk, the post waits
}

// changes are all that move a post.
func changes() map[string]change {
	act := func(do moderation.Do) func(context.Context, *moderatedSite, string) error {
		return func(ctx context.Context, m *moderatedSite, id string) error {
			_, err := m.desk.moderator.Act(ctx, moderation.Action{Do: do, ID: id, By: "Mio"})
			return err
		}
	}
	edit := func(word string) func(context.Context, *moderatedSite, string) error {
		return func(ctx context.Context, m *moderatedSite, id string) error {
			err := m.emit(ctx, streamtest.Edited(id, wordsOf(id, true)+" "+word))
			return cmp.Or(err, m.posts.Flush(ctx), m.desk.channel.Flush(ctx))
		}
	}
	post := func(m *moderatedSite, id string) { m.post(id, wordsOf(id, false)) }
	quoted := func(m *moderatedSite, id string) {
		post(m, id)
		m.pass(quotingPost("Q"+id, id, wordsOf(id, false)), stream.Create)
	}
	return map[string]change{
		"hide":    {moderation.After, quoted, act(moderation.Hide), false, "public", "desk", false},
		"show":    {moderation.After, func(m *moderatedSite, id string) { quoted(m, id); m.act(moderation.Hide, id) }, act(moderation.Approve), false, "desk", "public", false},
		"approve": {moderation.Before, post, act(moderation.Approve), false, "desk", "public", false},
		"edit that a rule hides": {moderation.After, func(m *moderatedSite, id string) {
			quoted(m, id)
			if len(m.desk.Settings().Rules) == 0 {
				m.add(moderation.AddRule, "spam")
			}
		}, edit("spam"), true, "public", "desk", false},
		"edit that waits": {moderation.Before, func(m *moderatedSite, id string) { post(m, id); m.act(moderation.Approve, id) }, edit("fine"), true, "public", "desk", true},
	}
}

func wordsOf(id string, edited bool) string {
	if edited {
		return "pear" + id
	}
	return "apple" + id
}

func (m *moderatedSite) add(do moderation.Do, value string) {
	m.t.Helper()
	if _, err := m.desk.moderator.Act(m.t.Context(), moderation.Action{Do: do, Value: value, By: "Mio"}); err != nil {
		m.t.Fatal(err)
	}
}

// cards returns how many cards of a post are at the desk, waiting or not.
func (m *moderatedSite) cards(id string) (n int, waiting bool) {
	m.t.Helper()
	m.flush()
	records, err := m.store.Find(m.t.Context(), deskChannel, id)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, r := range records {
		if !r.Erased && reconcile.SavedName(r.Index.State) == id {
			n, waiting = n+1, slices.Contains(r.Index.Terms, "held:"+string(stream.Pending))
		}
	}
	return n, waiting
}

// The process is killed before each of the events that a change stores, one after the other.
func TestDesk_AKillBetweenAnyTwoEventsLosesNoPost(t *testing.T) {
	for name, st := range allStores(t) {
		for what, c := range changes() {
			t.Run(name+"/"+what, func(t *testing.T) {
				for n, done := 0, false; !done; n++ {
					id := fmt.Sprintf("%x-%d", what, n)
					done = c.cut(t, st, id, n)
				}
			})
		}
	}
}

// cut makes the change up to an append, and checks what is there after a restart. It reports whether the
// change was carried out as a whole.
func (c change) cut(t *testing.T, st store.Store, id string, appends int) (whole bool) {
	m := newModeratedSite(t, st, c.mode)
	m.add(moderation.SetMode, string(c.mode))
	c.begin(m, id)
	m.want(wordsOf(id, false), c.from)
	m.stop()

	cut := newCutting(st, appends)
	m = newModeratedSite(t, cut, c.mode)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.do(ctx, m, id) }()
	var err error
	select {
	case err = <-done:
		whole = err == nil
	case <-cut.reached:
	}
	close(cut.killed)
	cancel()
	m.stop()
	if err != nil && !errors.Is(err, errKilled) {
		t.Fatal(err)
	}

	m = newModeratedSite(t, st, c.mode)
	defer m.stop()
	there := m.settled(id, c)
	if whole && there != c.to {
		t.Fatalf("the post is: %s, want: %s", there, c.to)
	}
	if c.edited { // the source repeats it
		if err := c.do(t.Context(), m, id); err != nil {
			t.Fatal(err)
		}
	} else if there != c.to {
		return whole
	}
	m.want(wordsOf(id, c.edited), c.to)
	if c.edited {
		m.want(wordsOf(id, false), "nowhere")
	}
	if n, waiting := m.cards(id); c.to == "desk" && (n != 1 || waiting != c.waiting) || c.to == "public" && n != 0 {
		t.Fatalf("after %d appends: %d cards at the desk, waiting: %v", appends, n, waiting)
	}
	return whole
}

// settled waits until the post is as it was before or as it is after the change, and returns where.
func (m *moderatedSite) settled(id string, c change) string {
	m.t.Helper()
	var where, before, after string
	if !within(10*time.Second, func() bool {
		before, after = m.where(wordsOf(id, false)), "nowhere"
		if c.edited {
			after = m.where(wordsOf(id, true))
		}
		switch {
		case c.edited && before == c.from && after == "nowhere", !c.edited && before == c.from:
			where = c.from
		case c.edited && before == "nowhere" && after == c.to, !c.edited && before == c.to:
			where = c.to
		}
		return where != ""
	}) {
		m.t.Fatalf("the words are: %s, the new ones: %s", before, after)
	}
	return where
}

// Pages that were open all the time have only the event.
func TestDesk_AFreezeThatAKillInterruptsReachesOpenPages(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			newModeratedSite(t, st, moderation.After).stop() // stores the settings of the start
			cut := newCutting(st, 1)                         // the settings of the freeze
			m := newModeratedSite(t, cut, moderation.After)
			go m.desk.moderator.Act(t.Context(), moderation.Action{Do: moderation.Freeze, By: "Mio"})
			<-cut.reached
			close(cut.killed)
			m.stop()

			m = newModeratedSite(t, st, moderation.After)
			told := func() bool {
				events, _ := m.posts.Recent(1)
				return len(events) > 0 && events[0].Name == screenEvent && strings.Contains(string(events[0].Data), `"freeze"`)
			}
			if !within(10*time.Second, told) {
				t.Fatal("the screens are not told")
			}
			m.stop()
		})
	}
}
