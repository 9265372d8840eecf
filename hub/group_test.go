package hub

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
)

// words is Options.Filter for tests: an event matches if its data contains the text.
func words(_, text string) (string, func(Event) bool, error) {
	return text, func(ev Event) bool { return bytes.Contains(ev.Data, []byte(text)) }, nil
}

// followed makes a connection to a sink, which follows the channel from its head with a filter,
// or without one if the text is "".
func followed(t *testing.T, ch *Channel, text string) (*conn, *sink) {
	t.Helper()
	f, refused := ch.acquire(text, netip.Prefix{})
	if refused != nil {
		t.Fatal(refused.reason)
	}
	s := sunk(ch.hub, newCursor(ch.log.Load(), f, ch.Tip().Offset))
	synctest.Wait()
	for _, shard := range ch.hub.shards {
		for _, c := range shard.conns {
			if c.net == s {
				return c, s
			}
		}
	}
	t.Fatal("the connection is in no shard")
	return nil, nil
}

// trigger publishes creates with the data, and has the shards look at each of them.
func trigger(t *testing.T, ch *Channel, data ...string) {
	t.Helper()
	for _, d := range data {
		if _, err := ch.Trigger(t.Context(), "create", d); err != nil {
			t.Fatal(err)
		}
		flushAll(ch.hub)
	}
}

func flushAll(h *Hub) {
	for _, s := range h.shards {
		s.flush()
	}
	synctest.Wait()
}

// hangUp ends all connections, so that their goroutines end.
func hangUp(h *Hub) {
	for _, c := range h.all() {
		c.mu.Lock()
		c.destroy()
		c.mu.Unlock()
	}
	synctest.Wait()
}

func TestGroup_AConnectionIsVisitedOnlyIfAnEventConcernsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Filter: words})
		defer hangUp(h)
		ch := h.Channel("streaming")
		c, s := followed(t, ch, "go")
		trigger(t, ch, "rust", "rust", "rust")
		if at := c.cursors[0].at; at != 0 {
			t.Errorf("the cursor has moved to %d, want the connection not visited", at)
		}
		if c.cursors[0].settle(); c.cursors[0].at != 3 {
			t.Errorf("the cursor settles at %d, want 3", c.cursors[0].at)
		}
		trigger(t, ch, "rust", "go", "rust")
		if at := c.cursors[0].at; at != 5 || !strings.Contains(string(s.taken), `"go"`) {
			t.Errorf("the cursor is at %d after %q, want 5 after the event", at, s.taken)
		}
		if _, err := ch.Trigger(t.Context(), "destroy", "rust"); err != nil {
			t.Fatal(err)
		}
		if flushAll(h); c.cursors[0].at != 7 {
			t.Errorf("the cursor is at %d, want 7: an event that is no create concerns all", c.cursors[0].at)
		}
	})
}

// The log doesn't hold the events any more that the cursor has not moved past. But the shard has
// looked at them, so nothing is missing.
func TestGroup_AnnouncesNoGapIfTheTrimmedEventsDidNotMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Filter: words, Ring: 5})
		defer hangUp(h)
		ch := h.Channel("streaming")
		_, s := followed(t, ch, "go")
		for range 20 {
			trigger(t, ch, "rust")
		}
		trigger(t, ch, "go")
		appendOnly(t, ch, "rust", "rust", "rust", "rust") // the log just holds them with the next one
		trigger(t, ch, "go")
		if got := string(s.taken); strings.Contains(got, "stream.gap") || strings.Count(got, `"go"`) != 2 {
			t.Errorf("got %s, want two events without a gap", got)
		}
	})
}

func TestGroup_AnnouncesAGapIfEventsWereTrimmedBeforeTheShardLookedAtThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Filter: words, Ring: 5})
		defer hangUp(h)
		ch := h.Channel("streaming")
		_, s := followed(t, ch, "go")
		trigger(t, ch, "rust", "rust", "rust")
		appendOnly(t, ch, "rust", "rust", "rust", "rust", "rust", "rust")
		flushAll(h)
		if got, want := string(s.taken), `"data":{"from":4,"to":4,"reason":"slow"},"offset":4`; !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// appendOnly publishes creates that no shard has looked at yet.
func appendOnly(t *testing.T, ch *Channel, data ...string) {
	t.Helper()
	for _, d := range data {
		if _, err := ch.Trigger(t.Context(), "create", d); err != nil {
			t.Fatal(err)
		}
	}
}

// Between the look and the visit of a connection, the log drops an event that was looked at.
func TestGroup_AnnouncesNoGapIfTheLogIsTrimmedDuringTheVisits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Filter: words, Ring: 3})
		defer hangUp(h)
		ch := h.Channel("streaming")
		c, s := followed(t, ch, "go")
		trigger(t, ch, "rust", "rust", "rust", "rust")
		appendOnly(t, ch, "rust", "go")
		done := c.cursors[0].view.group.look()
		appendOnly(t, ch, "rust", "rust") // only the last three are held
		c.mu.Lock()
		c.flush()
		c.mu.Unlock()
		done()
		synctest.Wait()
		if got := string(s.taken); strings.Contains(got, "stream.gap") || !strings.Contains(got, `"go"`) {
			t.Errorf("got %s, want the event without a gap", got)
		}
	})
}

// A client recovers just after an edit, at which its group has not looked yet.
func TestGroup_ARecoveryDoesNotRelyOnALookBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Filter: words})
		defer hangUp(h)
		ch := h.Channel("streaming")
		for range h.shards { // of which each has one
			followed(t, ch, "go")
		}
		publishOne(t, ch, Event{Name: "create", Key: "k", Data: []byte(`"rust"`)})
		flushAll(h)
		publishOne(t, ch, Event{Name: "update", Key: "k", Data: []byte(`"go"`)})
		f, _ := ch.acquire("go", netip.Prefix{})
		back := sunk(h, newCursor(ch.log.Load(), f, 0))
		synctest.Wait()
		if got := string(back.taken); !strings.Contains(got, "create") {
			t.Errorf("got %s, want the post, too", got)
		}
	})
}

func publishOne(t *testing.T, ch *Channel, ev Event) {
	t.Helper()
	if _, err := ch.Publish(t.Context(), ev); err != nil {
		t.Fatal(err)
	}
}

// The socket of a connection is full while an event concerns it. Later looks must not move its
// cursor past the event.
func TestGroup_ASlowConnectionKeepsItsEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Filter: words})
		defer hangUp(h)
		ch := h.Channel("streaming")
		c, s := followed(t, ch, "go")
		trigger(t, ch, "rust")
		c.mu.Lock()
		c.writePending = true
		c.mu.Unlock()
		trigger(t, ch, "go", "rust", "rust")
		c.mu.Lock()
		c.resumeWrite()
		c.mu.Unlock()
		synctest.Wait()
		if got := string(s.taken); !strings.Contains(got, `"go"`) {
			t.Errorf("got %q, want the event", got)
		}
	})
}

// The socket takes only a part of what the filter lets through.
func TestWriter_APartOfAFilteredBatchMovesTheCursorToItsLastEvent(t *testing.T) {
	h := New(Options{Filter: words})
	ch := h.Channel("streaming")
	appendOnly(t, ch, "rust", "go", "rust", "go", "rust")
	f, _ := ch.acquire("go", netip.Prefix{})
	c := &conn{hub: h, shard: h.shards[0], cursors: []cursor{newCursor(ch.log.Load(), f, 0)}}
	b := new(batch)
	for _, test := range []struct {
		bytes    func() int // of the batch that the socket takes
		at, told uint64
		out      bool
	}{
		{func() int { return 0 }, 0, 0, false},
		{func() int { return b.ends[0] - 1 }, 2, 2, true},
		{func() int { return len(b.bytes) }, 5, 4, false},
	} {
		c.out = nil
		c.gather(b)
		c.commit(b, test.bytes())
		if f := c.cursors[0]; f.at != test.at || f.view.told != test.told || (len(c.out) > 0) != test.out {
			t.Errorf("the cursor is at %d, the client at %d, rest %q, want %d and %d", f.at, f.view.told, c.out, test.at, test.told)
		}
	}
}

// An edit makes an event match that did not match when the shard looked at it. That moves no post
// into a page that is open, but a page that recovers gets it.
func TestGroup_AnEditMovesAPostOnlyIntoARecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Filter: words})
		defer hangUp(h)
		ch := h.Channel("streaming")
		_, s := followed(t, ch, "go")
		publishOne(t, ch, Event{Name: "create", Key: "k", Data: []byte(`"rust"`)})
		flushAll(h)
		publishOne(t, ch, Event{Name: "update", Key: "k", Data: []byte(`"go"`)})
		flushAll(h)
		if got := string(s.taken); strings.Contains(got, "create") || !strings.Contains(got, "update") {
			t.Errorf("the open page got %s, want the update alone", got)
		}
		f, _ := ch.acquire("go", netip.Prefix{})
		back := sunk(h, newCursor(ch.log.Load(), f, 0))
		synctest.Wait()
		if got := string(back.taken); !strings.Contains(got, "create") {
			t.Errorf("the page that recovers got %s, want the post, too", got)
		}
	})
}
